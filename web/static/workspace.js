// What this window knows of the workspace, and how it stays true: lists by HTTP, changes by the socket. No DOM.

import * as api from './api.js';
import { formatCursor, parsePosition, uuidV7 } from './fold.js';
import { Outbox } from './outbox.js';
import { LiveSocket } from './socket.js';
import { Timeline } from './timeline.js';

/** Milliseconds after which lists that no event announces (new public channels, people) are read again. */
const DIRECTORY_AGE = 60_000;
/** Milliseconds after which an answer that was behind the socket is asked for again. */
const BEHIND = 2_000;
const TRIES = 5;

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Tries again, with jittered waits, while the failure may pass. */
async function persist(work, tries = TRIES) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!error.passing || attempt + 1 >= tries) throw error;
      await sleep(300 * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

export class Workspace {
  me = api.session.user;
  people = new Map();
  channels = new Map();
  unread = new Map();
  connection = 'connecting';
  currentId = null;
  threadId = null;
  /** Why the current channel's messages are not here yet, if they are not. */
  trouble = null;

  /** Something to draw has changed. */
  onChange = () => {};
  /** Something failed that the person asked for. */
  onTrouble = () => {};

  #timelines = new Map();
  #asked = new Set();
  #loadingOlder = false;
  #directoryTimer = 0;
  #recountTimers = new Map();
  #directoryAt = 0;
  #stopped = false;

  constructor() {
    this.outbox = new Outbox(api.putMessage, `threadly:${location.pathname}:outbox:${this.me.userId}`);
    this.outbox.onChange = () => this.onChange();
    this.socket = new LiveSocket({
      url: api.socketUrl(),
      accessToken: (refused) => api.session.accessToken(refused),
      check: () => api.getMe().catch(() => {}),
    });
    this.socket.onState = (state) => { this.connection = state; this.onChange(); };
    this.socket.onReady = (first) => this.#ready(first);
    this.socket.onReset = () => this.#reset();
    this.socket.onEvent = (...event) => this.#event(...event);
  }

  async start() {
    this.socket.start();
    this.outbox.start();
    await persist(() => this.#loadDirectory(), Infinity);
    document.addEventListener('visibilitychange', this.#looked);
    addEventListener('focus', this.#looked);
    this.#directoryTimer = setInterval(this.#looked, DIRECTORY_AGE / 4);
  }

  stop() {
    this.#stopped = true;
    this.socket.stop();
    this.outbox.stop();
    clearInterval(this.#directoryTimer);
    document.removeEventListener('visibilitychange', this.#looked);
    removeEventListener('focus', this.#looked);
    this.onChange = () => {};
    this.onTrouble = () => {};
  }

  get current() {
    return this.channels.get(this.currentId) ?? null;
  }

  get timeline() {
    return this.#timelines.get(this.currentId) ?? null;
  }

  /** Whether the caller may delete others' messages in the current channel. */
  get administers() {
    return this.current?.membership === 'admin' || this.me.role !== 'member';
  }

  /** A person's name; asked for once if it isn't known. */
  nameOf(userId) {
    const person = this.people.get(userId);
    if (!person && !this.#asked.has(userId)) {
      this.#asked.add(userId);
      api.getPerson(userId).then((found) => { this.people.set(userId, found); this.onChange(); }, () => {});
    }
    return person?.displayName ?? 'Somebody';
  }

  /** What is known of a person. */
  personOf(userId) {
    return this.people.get(userId) ?? null;
  }

  // ---- channels

  async open(channelId) {
    if (this.currentId !== channelId) this.threadId = null;
    this.currentId = channelId;
    this.unread.delete(channelId);
    this.trouble = null;
    this.onChange();
    if (!this.current?.membership || this.timeline) return;
    const timeline = new Timeline(channelId);
    this.#timelines.set(channelId, timeline);
    await this.#loadNewest(timeline);
  }

  async createChannel(properties) {
    const channelId = uuidV7();
    this.channels.set(channelId, await persist(() => api.putChannel(channelId, properties)));
    // Whoever made it can write at once; its history comes by itself.
    this.open(channelId);
  }

  async join(channelId) {
    await this.#try(async () => {
      await persist(() => api.putMember(channelId, this.me.userId));
      await this.#refreshChannel(channelId);
      await this.open(channelId);
    });
  }

  async leave(channelId) {
    await this.#try(async () => {
      await persist(() => api.deleteMember(channelId, this.me.userId));
      await this.#refreshChannel(channelId);
    });
  }

  addMember(channelId, userId) {
    return persist(() => api.putMember(channelId, userId));
  }

  removeMember(channelId, userId) {
    return persist(() => api.deleteMember(channelId, userId));
  }

  /** Reads people and channels again. */
  refreshDirectory() {
    return this.#loadDirectory();
  }

  // ---- messages

  send(text, parentMessageId = null) {
    this.outbox.add(this.currentId, parentMessageId, text);
  }

  async edit(messageId, text) {
    const { timeline } = this;
    const { position, time } = await persist(() => api.editMessage(timeline.channelId, messageId, text));
    timeline.apply('THREAD_MESSAGE_EDITED', { messageId, text }, parsePosition(position), time);
    this.onChange();
  }

  async delete(messageId) {
    const { timeline } = this;
    await this.#try(async () => {
      const { position, time } = await persist(() => api.deleteMessage(timeline.channelId, messageId));
      timeline.apply('THREAD_MESSAGE_DELETED', { messageId }, parsePosition(position), time);
      this.onChange();
    });
  }

  /** Reads the next older page, if there is one and none is under way. */
  async loadOlder() {
    const { timeline } = this;
    if (!timeline?.olderCursor || this.#loadingOlder) return;
    this.#loadingOlder = true;
    await this.#try(async () => {
      const before = timeline.olderCursor;
      const { page, seen } = await persist(() => api.listMessages(timeline.channelId, { before, atLeast: this.#cursor() }));
      if (timeline.olderCursor === before) timeline.addOlder(page, seen);
    });
    this.#loadingOlder = false;
    this.onChange();
  }

  async openThread(rootId) {
    this.threadId = rootId;
    this.onChange();
    if (rootId) await this.#loadThread(this.timeline, rootId);
  }

  // ---- keeping up

  #cursor() {
    return this.socket.cursor && formatCursor(this.socket.cursor);
  }

  async #loadDirectory() {
    this.#directoryAt = Date.now();
    const [me, people, channels] = await Promise.all([api.getMe(), api.listPeople(), api.listChannels()]);
    if (this.#stopped) return;
    this.me = me;
    for (const person of people) this.people.set(person.userId, person);
    for (const id of this.channels.keys()) {
      if (!channels.some(({ channelId }) => channelId === id)) this.#forgetChannel(id);
    }
    for (const channel of channels) this.#setChannel(channel);
    this.onChange();
  }

  #looked = () => {
    if (document.visibilityState !== 'visible') return;
    if (this.unread.delete(this.currentId)) this.onChange();
    if (Date.now() - this.#directoryAt > DIRECTORY_AGE) this.#loadDirectory().catch(() => {});
  };

  async #refreshChannel(channelId) {
    try {
      this.#setChannel(await persist(() => api.getChannel(channelId)));
    } catch (error) {
      if (error.status === 404) this.#forgetChannel(channelId);
    }
    this.onChange();
  }

  #setChannel(channel) {
    if (channel.visibility === 'private' && !channel.membership) {
      this.#forgetChannel(channel.channelId);
      return;
    }
    const before = this.channels.get(channel.channelId);
    this.channels.set(channel.channelId, channel);
    if (!channel.membership) this.#forgetMessages(channel.channelId);
    else if (!before?.membership && channel.channelId === this.currentId) this.open(channel.channelId);
  }

  #forgetChannel(channelId) {
    this.channels.delete(channelId);
    this.#forgetMessages(channelId);
    if (this.currentId === channelId) this.currentId = null;
  }

  #forgetMessages(channelId) {
    this.#timelines.delete(channelId);
    this.unread.delete(channelId);
    if (this.currentId === channelId) this.threadId = null;
  }

  /** Reads the newest page, which is at least as new as `atLeast`. */
  async #loadNewest(timeline, atLeast = this.#cursor()) {
    const { channelId } = timeline;
    const known = () => this.#timelines.get(channelId) === timeline && !this.#stopped;
    for (let attempt = 0; known(); attempt += 1) {
      try {
        const cursor = this.socket.cursor;
        const { page, seen } = await api.listMessages(channelId, { atLeast });
        if (!known()) return;
        timeline.addNewest(page, seen);
        this.#settle(timeline);
        if (this.currentId === channelId) this.trouble = null;
        this.onChange();
        const isBehind = cursor && seen && cursor.epoch === seen.epoch && cursor.next[seen.partition] > seen.offset + 1;
        if (!isBehind) return;
        await sleep(BEHIND);
      } catch (error) {
        if (!known()) return;
        if (this.currentId === channelId) this.trouble = error.message;
        this.onChange();
        if (!error.passing) {
          await this.#refreshChannel(channelId);
          return;
        }
        await sleep(Math.min(15_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2));
      }
    }
  }

  async #loadThread(timeline, rootId) {
    await this.#try(async () => {
      for (let after = null, more = true; more; more = after !== null) {
        const { page } = await persist(() => api.listThread(timeline.channelId, rootId, { after, atLeast: this.#cursor() }));
        timeline.addThread(page.items);
        this.#settle(timeline);
        after = page.nextCursor;
        this.onChange();
      }
    });
  }

  /** What the log has is on its way no more. */
  #settle(timeline) {
    for (const entry of this.outbox.of(timeline.channelId)) {
      if (timeline.get(entry.messageId)?.userId === this.me.userId) this.outbox.remove(entry.messageId);
    }
  }

  #ready(first) {
    // Events come from here on: what the lists did not yet hold is read once more, so that nothing is missing between.
    if (first) this.#reloadAll();
    else this.#looked();
  }

  #reset() {
    this.#timelines.clear();
    this.#reloadAll();
  }

  #reloadAll() {
    for (const timeline of [...this.#timelines.values()]) {
      if (timeline.channelId === this.currentId) this.#loadNewest(timeline);
      else this.#timelines.delete(timeline.channelId);
    }
    const { currentId, threadId } = this;
    if (currentId && !this.timeline) this.open(currentId);
    if (threadId && this.timeline) this.#loadThread(this.timeline, threadId);
    this.#loadDirectory().catch(() => {});
  }

  #event(kind, data, position, time) {
    switch (kind) {
      case 'THREAD_MESSAGE_CREATED':
      case 'THREAD_MESSAGE_EDITED':
      case 'THREAD_MESSAGE_DELETED':
        this.#messageEvent(kind, data, position, time);
        break;
      case 'CHANNEL_MEMBER_ADDED':
      case 'CHANNEL_MEMBER_REMOVED':
        if (data.userId === this.me.userId) this.#ownMembership(data.channelId, position);
        else if (!this.people.has(data.userId)) this.nameOf(data.userId);
        break;
      case 'CHANNEL_CHANGED':
        this.#refreshChannel(data.channelId);
        break;
      default:
        // A newer server's event.
    }
  }

  #messageEvent(kind, data, position, time) {
    const timeline = this.#timelines.get(data.channelId);
    const result = timeline?.apply(kind, data, position, time);
    const created = kind === 'THREAD_MESSAGE_CREATED';
    if (created && data.userId === this.me.userId) {
      this.outbox.remove(data.messageId);
    } else if (created && (!timeline || result.changed)) {
      const looking = data.channelId === this.currentId && document.visibilityState === 'visible';
      if (!looking) this.unread.set(data.channelId, (this.unread.get(data.channelId) ?? 0) + 1);
    }
    if (result?.recount) this.#recount(timeline);
    this.onChange();
  }

  /** An unknown message was deleted, perhaps a reply: its thread is counted anew, once for a burst of them. */
  #recount(timeline) {
    clearTimeout(this.#recountTimers.get(timeline));
    this.#recountTimers.set(timeline, setTimeout(() => {
      this.#recountTimers.delete(timeline);
      this.#loadNewest(timeline);
    }, 500));
  }

  async #ownMembership(channelId, position) {
    await this.#refreshChannel(channelId);
    // What was posted just before the marker came to nobody here by socket, and may be missing in what was read.
    const timeline = this.#timelines.get(channelId);
    if (timeline) await this.#loadNewest(timeline, `p${position.epoch}.${position.partition}.${position.offset}`);
  }

  async #try(work) {
    try {
      await work();
    } catch (error) {
      if (!this.#stopped) this.onTrouble(error.message || 'That did not work.');
    }
  }
}

// Drawing messages: a channel's, or a thread's.

import { avatarElement, avatarStamp } from './avatars.js';
import { comparePositions, parsePosition } from './fold.js';
import { button, dayOf, element, keep, timeElement } from './view.js';

/** Messages of one author within this many milliseconds stand together. */
const TOGETHER = 5 * 60_000;
/** Nearer to the end than this, a reader follows it. */
const NEAR = 80;

/** One list of messages with its scroll box. */
export class MessageList {
  #box;
  #list;
  #shown = null;
  #first = null;
  #editing = null;

  /** Called when the reader nears the list's beginning. */
  onTop = () => {};

  /** `acts` says what may be done: {edit, remove, openThread, retry, discard, redraw}. */
  constructor(box, acts) {
    this.#box = box;
    this.#list = box.querySelector('ol');
    this.acts = acts;
    box.addEventListener('scroll', () => box.scrollTop < 200 && this.onTop(), { passive: true });
  }

  /** Turns one's last message into an editor. */
  editLast(messages, me) {
    const last = messages.findLast(({ userId, deletedAt }) => userId === me.userId && !deletedAt);
    if (last) this.#edit(last.messageId);
  }

  /** Shows nothing. */
  clear() {
    this.#list.replaceChildren();
    this.#shown = null;
    this.#editing = null;
  }

  /** Draws `messages` and the `entries` on their way; `name` says whose list it is. */
  draw({ name, messages, entries, workspace, inThread }) {
    const box = this.#box;
    const fromEnd = box.scrollHeight - box.scrollTop;
    const follows = this.#shown !== name || fromEnd - box.clientHeight < NEAR;
    const { scrollTop } = box;
    const known = new Set(messages.map(({ messageId }) => messageId));
    const lines = [...messages.map((message) => ({ message, at: message.createdAt })), ...sent(entries, known)];
    lines.sort((a, b) => comparePositions(placeOf(a), placeOf(b)));
    const waiting = entries.filter(({ state, messageId }) => state !== 'sent' && !known.has(messageId));
    lines.push(...waiting.map((entry) => ({ entry, at: entry.at })));
    keep(this.#list, this.#items(lines, workspace, inThread));
    const first = messages[0]?.messageId ?? null;
    if (follows) box.scrollTop = box.scrollHeight;
    else if (first !== this.#first) box.scrollTop = box.scrollHeight - fromEnd;
    else box.scrollTop = scrollTop;
    this.#shown = name;
    this.#first = first;
  }

  #items(lines, workspace, inThread) {
    const items = [];
    let before = null;
    for (const line of lines) {
      const day = dayOf(line.at);
      if (day !== before?.day) {
        items.push({ key: `day ${day}`, stamp: day, make: () => element('li', { className: 'day' }, element('span', {}, day)) });
      }
      const userId = line.message?.userId ?? workspace.me.userId;
      const follows = day === before?.day && userId === before.userId && new Date(line.at) - new Date(before.at) < TOGETHER;
      items.push(line.message
        ? this.#message(line.message, follows, workspace, inThread)
        : this.#entry(line.entry, follows, workspace));
      before = { day, userId, at: line.at };
    }
    return items;
  }

  #message(message, follows, workspace, inThread) {
    const { messageId, changed } = message;
    const own = message.userId === workspace.me.userId;
    const name = workspace.nameOf(message.userId);
    const author = workspace.personOf(message.userId);
    const replies = message.parentMessageId || inThread ? 0 : workspace.timeline.replyCount(messageId);
    const editing = this.#editing === messageId && !message.deletedAt;
    if (editing) return { key: messageId, stamp: 'editing', make: () => this.#editor(message) };
    const may = { edit: own, remove: own || workspace.administers, thread: !inThread };
    const stamp = [changed.epoch, changed.offset, name, avatarStamp(author), follows, replies, may.edit, may.remove].join(' ');
    return { key: messageId, stamp, make: () => this.#line(message, { name, author, follows, replies, may }) };
  }

  #line(message, { name, author, follows, replies, may }) {
    const { messageId, deletedAt, editedAt, text, createdAt } = message;
    const state = deletedAt ? 'deleted' : 'confirmed';
    const reply = () => this.acts.openThread(messageId);
    const shown = deletedAt ? 'This message was deleted.' : text;
    const edited = editedAt && !deletedAt;
    const mayReply = may.thread && (!deletedAt || replies > 0);
    return element(
      'li',
      {
        className: `message ${state}${follows ? ' follows' : ''}`, tabIndex: -1,
        'data-testid': 'message', 'data-message-id': messageId, 'data-state': state,
      },
      meta(name, author, createdAt),
      element('div', { className: 'text', dir: 'auto', 'data-testid': 'message-text' }, shown),
      edited ? element('span', { className: 'mark', title: `Edited ${new Date(editedAt).toLocaleString()}` }, 'edited') : null,
      replies > 0
        ? button(replies === 1 ? '1 reply' : `${replies} replies`, reply, { className: 'quiet replies', 'data-testid': 'replies' })
        : null,
      element(
        'div',
        { className: 'actions', role: 'group', 'aria-label': `Message by ${name}` },
        mayReply ? button('Reply', reply, { 'data-testid': 'open-thread' }) : null,
        may.edit && !deletedAt ? button('Edit', () => this.#edit(messageId), { 'data-testid': 'edit' }) : null,
        may.remove && !deletedAt ? button('Delete', () => this.acts.remove(message), { 'data-testid': 'delete' }) : null,
      ),
    );
  }

  #entry(entry, follows, workspace) {
    const { messageId, state, text, at, error } = entry;
    const make = () => element(
      'li',
      {
        className: `message ${state}${follows ? ' follows' : ''}`,
        'data-testid': 'message', 'data-message-id': messageId, 'data-state': state,
      },
      meta(workspace.me.displayName, workspace.me, at),
      element('div', { className: 'text', dir: 'auto', 'data-testid': 'message-text' }, text),
      state === 'pending' ? element('span', { className: 'mark' }, 'sending…') : null,
      state === 'failed'
        ? element(
          'div',
          { className: 'failure', role: 'alert' },
          `Not sent: ${error} `,
          button('Try again', () => this.acts.retry(messageId), { 'data-testid': 'retry' }),
          button('Discard', () => this.acts.discard(messageId), { 'data-testid': 'discard' }),
        )
        : null,
    );
    return { key: messageId, stamp: [state, follows, error, avatarStamp(workspace.me)].join(' '), make };
  }

  #edit(messageId) {
    this.#editing = messageId;
    this.acts.redraw();
  }

  #editor(message) {
    const rows = Math.min(8, message.text.split('\n').length + 1);
    const about = { 'aria-label': 'Edit the message', dir: 'auto', 'data-testid': 'edit-text' };
    const box = element('textarea', { value: message.text, rows, ...about });
    const failure = element('p', { className: 'error', role: 'alert' });
    const close = () => { if (this.#editing === message.messageId) this.#edit(null); };
    const save = async (event) => {
      event?.preventDefault();
      if (box.value === message.text) return close();
      try {
        await this.acts.edit(message.messageId, box.value);
        close();
      } catch (error) {
        failure.textContent = error.message;
      }
    };
    box.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) save(event);
      if (event.key === 'Escape') { event.stopPropagation(); close(); }
    });
    const submit = element('button', { type: 'submit', className: 'primary', 'data-testid': 'edit-save' }, 'Save');
    const buttons = element('div', { className: 'actions' }, button('Cancel', close), submit);
    const form = element('form', { onsubmit: save }, box, failure, buttons);
    setTimeout(() => { box.focus(); box.setSelectionRange(box.value.length, box.value.length); });
    const line = { className: 'message editing', 'data-message-id': message.messageId, 'data-state': 'editing' };
    return element('li', line, form);
  }
}

/** What the log has taken and no event has brought yet, at its place. */
function sent(entries, known) {
  return entries.filter(({ state, messageId }) => state === 'sent' && !known.has(messageId))
    .map((entry) => ({ entry, at: entry.at, place: parsePosition(entry.position) }));
}

function placeOf({ message, place }) {
  return place ?? message.created;
}

function meta(name, author, at) {
  return element('div', { className: 'meta' }, avatarElement(author ?? { displayName: name }), ' ', element('bdi', { className: 'author' }, name), ' ', timeElement(at));
}

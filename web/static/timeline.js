// What is known of one channel's messages: pages of history and live events, put together by the fold.

import { comparePositions, fold, foldItem, isAfter } from './fold.js';

/** Changes kept for messages that no page has brought yet. */
const MAX_EARLY = 500;

export class Timeline {
  #messages = new Map();
  /** Edits and deletions of unknown messages: a page under way may be older than they are. */
  #early = new Map();
  /** Of each message that has replies: how many a list counted, up to where, and what came after. */
  #replies = new Map();

  /** For the next older page; null at the channel's beginning, undefined before the first page. */
  olderCursor = undefined;

  constructor(channelId) {
    this.channelId = channelId;
  }

  get loaded() {
    return this.olderCursor !== undefined;
  }

  get(messageId) {
    return this.#messages.get(messageId);
  }

  /** Applies an event; answers whether anything changed, and whether a reply was lost count of. */
  apply(kind, data, position, time) {
    const before = this.#messages.get(data.messageId);
    const after = fold(before, kind, data, position, time);
    if (!after) {
      this.#keepEarly(kind, data, position, time);
      return { changed: false, recount: kind === 'THREAD_MESSAGE_DELETED' };
    }
    if (after === before) return { changed: false, recount: false };
    this.#messages.set(data.messageId, after);
    if (after.parentMessageId && !before) this.#count(after.parentMessageId, position, 1);
    if (after.parentMessageId && before && after.deletedAt) this.#count(after.parentMessageId, position, -1);
    if (!before) this.#applyEarly(data.messageId);
    return { changed: true, recount: false };
  }

  /** Takes messages of a list; replies are counted by pages of the channel only. */
  addThread(items) {
    for (const item of items) {
      this.#messages.set(item.messageId, foldItem(this.#messages.get(item.messageId), item));
      this.#applyEarly(item.messageId);
    }
  }

  #addPage(items, seen) {
    this.addThread(items);
    for (const item of items) this.#recount(item.messageId, item.replyCount, seen);
  }

  /** Takes the newest page, complete up to `seen`; what it leaves no bridge to is forgotten: history has no hole. */
  addNewest(page, seen) {
    const bridges = page.items.some((item) => this.#messages.has(item.messageId));
    if (this.loaded && page.nextCursor !== null && !bridges) this.#messages.clear();
    if (!this.loaded || !bridges) this.olderCursor = page.nextCursor;
    this.#addPage(page.items, seen);
  }

  /** Takes the page that `olderCursor` asked for. */
  addOlder(page, seen) {
    this.#addPage(page.items, seen);
    this.olderCursor = page.nextCursor;
  }

  /** The channel's own messages, oldest first. */
  roots() {
    return this.#sorted((message) => !message.parentMessageId);
  }

  /** A thread: the message that began it, then its replies, oldest first. */
  thread(rootId) {
    return this.#sorted((message) => message.messageId === rootId || message.parentMessageId === rootId);
  }

  /** Replies that are not deleted. */
  replyCount(messageId) {
    const replies = this.#replies.get(messageId);
    if (!replies) return 0;
    return replies.later.reduce((sum, { change }) => sum + change, replies.counted);
  }

  #sorted(wanted) {
    return [...this.#messages.values()].filter(wanted).sort((a, b) => comparePositions(a.created, b.created));
  }

  #count(parentId, position, change) {
    const replies = this.#replies.get(parentId) ?? { counted: 0, seen: null, later: [] };
    if (isAfter(position, replies.seen)) replies.later.push({ position, change });
    this.#replies.set(parentId, replies);
  }

  #recount(parentId, counted, seen) {
    const known = this.#replies.get(parentId);
    if (known && known.seen && !(seen && isAfter(seen, known.seen))) return;
    const later = (known?.later ?? []).filter(({ position }) => isAfter(position, seen));
    this.#replies.set(parentId, { counted, seen, later });
  }

  #keepEarly(kind, data, position, time) {
    const events = this.#early.get(data.messageId) ?? [];
    events.push([kind, data, position, time]);
    this.#early.set(data.messageId, events);
    if (this.#early.size > MAX_EARLY) this.#early.delete(this.#early.keys().next().value);
  }

  #applyEarly(messageId) {
    const events = this.#early.get(messageId);
    if (!events) return;
    this.#early.delete(messageId);
    for (const [kind, data, position, time] of events) {
      this.#messages.set(messageId, fold(this.#messages.get(messageId), kind, data, position, time));
    }
  }
}

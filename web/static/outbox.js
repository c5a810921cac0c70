// Messages on their way: sent under the id made here until the log has them, in order within a channel.

import { uuidV7 } from './fold.js';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

export class Outbox {
  /** Called with the channel whose entries changed. */
  onChange = () => {};

  #put;
  #storageKey;
  #entries = [];
  /** Channels with a sender at work, each with what ends its wait. */
  #senders = new Map();
  #stopped = false;

  /** Takes up what an earlier life of this window left; `put(channelId, messageId, body)` answers {position, time}. */
  constructor(put, storageKey) {
    this.#put = put;
    this.#storageKey = storageKey;
    try {
      this.#entries = JSON.parse(sessionStorage.getItem(storageKey)) ?? [];
    } catch {
      this.#entries = [];
    }
    addEventListener('online', this.#wake);
  }

  /** Sends what was left; call once `onChange` is set. */
  start() {
    for (const channelId of new Set(this.#entries.map((entry) => entry.channelId))) this.#work(channelId);
  }

  /** Sends nothing more; what waits is kept for when the same person comes back. */
  stop() {
    this.#stopped = true;
    removeEventListener('online', this.#wake);
    this.#wake();
  }

  /** Forgets what waits: its writer is leaving. */
  forget() {
    this.#entries = [];
    sessionStorage.removeItem(this.#storageKey);
  }

  add(channelId, parentMessageId, text) {
    this.#entries.push({ messageId: uuidV7(), channelId, parentMessageId, text, state: 'pending', at: new Date().toISOString() });
    this.#changed(channelId);
    this.#work(channelId);
  }

  /** What is not yet known from the log, in the order of sending. */
  of(channelId) {
    return this.#entries.filter((entry) => entry.channelId === channelId);
  }

  /** Sends a failed one again, under the same id. */
  retry(messageId) {
    const entry = this.#find(messageId);
    if (!entry) return;
    Object.assign(entry, { state: 'pending', error: undefined });
    this.#changed(entry.channelId);
    this.#work(entry.channelId);
  }

  /** The log has it, or nobody wants it any more. */
  remove(messageId) {
    const entry = this.#find(messageId);
    if (!entry) return;
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#changed(entry.channelId);
  }

  #find(messageId) {
    return this.#entries.find((entry) => entry.messageId === messageId);
  }

  async #work(channelId) {
    if (this.#senders.has(channelId)) return;
    this.#senders.set(channelId, () => {});
    let attempt = 0;
    for (;;) {
      const entry = this.of(channelId).find(({ state }) => state === 'pending');
      if (!entry || this.#stopped) break;
      try {
        const body = { text: entry.text };
        if (entry.parentMessageId) body.parentMessageId = entry.parentMessageId;
        const { position, time } = await this.#put(channelId, entry.messageId, body);
        Object.assign(entry, { state: 'sent', position, at: time });
        attempt = 0;
      } catch (error) {
        if (this.#stopped) break;
        if (error.passing) {
          await this.#pause(channelId, Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt));
          attempt = Math.min(attempt + 1, 8);
          continue;
        }
        Object.assign(entry, { state: 'failed', error: error.message || 'You are signed out.' });
      }
      this.#changed(channelId);
    }
    this.#senders.delete(channelId);
  }

  #pause(channelId, ceiling) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ceiling / 2 + (Math.random() * ceiling) / 2);
      this.#senders.set(channelId, () => { clearTimeout(timer); resolve(); });
    });
  }

  #wake = () => this.#senders.forEach((wake) => wake());

  #changed(channelId) {
    if (this.#stopped) return;
    sessionStorage.setItem(this.#storageKey, JSON.stringify(this.#entries));
    this.onChange(channelId);
  }
}

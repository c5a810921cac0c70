// The live connection: events as they happen, resumed where the last one ended.

import { advanceCursor, formatCursor, mergeCursors, parseCursor, parsePosition } from './fold.js';

/** The server pings every 20 seconds; a connection that is silent for longer is dead. */
const SILENCE = 50_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 20_000;
/** Close codes of the server. */
const TOKEN_EXPIRED = 4401;
const NOT_ALLOWED = 4403;
const SUSPENDED = 4423;

export class LiveSocket {
  /** Next offsets that this page has not seen, merged from every frame. */
  cursor = null;
  /** (kind, data, position, time) of each event. */
  onEvent = () => {};
  /** Frames come from here on; `first` if nothing was resumed. */
  onReady = () => {};
  /** What is known may have a hole: read it again. */
  onReset = () => {};
  /** 'connecting' | 'live' | 'waiting' | 'offline' */
  onState = () => {};

  #url;
  #accessToken;
  #check;
  #socket = null;
  #running = false;
  #failures = 0;
  #retry = 0;
  #watchdog = 0;
  #opening = false;

  /** `check()` finds out whether the session still stands, after a refusal that browsers don't explain. */
  constructor({ url, accessToken, check }) {
    this.#url = url;
    this.#accessToken = accessToken;
    this.#check = check;
    addEventListener('online', () => this.#now());
    addEventListener('offline', () => this.#running && this.#lost());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.#now());
  }

  start() {
    this.#running = true;
    this.#failures = 0;
    this.#connect();
  }

  stop() {
    this.#running = false;
    this.cursor = null;
    clearTimeout(this.#retry);
    this.#drop();
  }

  /** Tells the server of a fresh token before the old one ends. */
  renew(accessToken) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify({ type: 'token', accessToken }));
    }
  }

  /** Ends a wait: the network or the person is back. */
  #now() {
    if (!this.#running || this.#socket || this.#opening) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  async #connect() {
    if (!this.#running || this.#socket || this.#opening) return;
    this.#opening = true;
    this.onState('connecting');
    let token;
    try {
      token = await this.#accessToken();
    } catch {
      this.#opening = false;
      this.#lost();
      return;
    }
    this.#opening = false;
    if (!this.#running) return;
    const url = new URL(this.#url);
    if (this.cursor) url.searchParams.set('cursor', formatCursor(this.cursor));
    // A header would be better, but browsers can set none here, and a URL ends up in logs.
    const socket = new WebSocket(url, ['threadly.v1', `bearer.${token}`]);
    this.#socket = socket;
    this.#watch();
    socket.onmessage = ({ data }) => this.#socket === socket && this.#frame(data);
    socket.onclose = ({ code }) => this.#socket === socket && this.#closed(code, token);
  }

  #frame(text) {
    this.#watch();
    const frame = JSON.parse(text);
    switch (frame.type) {
      case 'ready': {
        this.#failures = 0;
        const first = this.cursor === null;
        // A resumed cursor moves by the events themselves: some may still be under way.
        if (first) this.cursor = parseCursor(frame.cursor);
        this.onState('live');
        this.onReady(first);
        break;
      }
      case 'event': {
        const position = parsePosition(frame.position);
        this.onEvent(frame.event, frame.data, position, frame.time ?? new Date().toISOString());
        this.cursor = advanceCursor(this.cursor, position);
        break;
      }
      case 'ping':
        this.cursor = mergeCursors(this.cursor, parseCursor(frame.cursor));
        break;
      case 'reset':
        this.cursor = parseCursor(frame.cursor);
        this.onReset();
        break;
      default:
        // A newer server's frame: what this page must know of, it would not send unasked.
    }
  }

  #closed(code, token) {
    this.#drop();
    if (code === TOKEN_EXPIRED) {
      this.#accessToken(token).then(() => this.#lost(), () => this.#lost());
    } else {
      if (code === NOT_ALLOWED || code === SUSPENDED || this.#failures > 0) this.#check();
      this.#lost();
    }
  }

  #lost() {
    this.#drop();
    clearTimeout(this.#retry);
    if (!this.#running) return;
    if (navigator.onLine === false) {
      this.onState('offline');
    } else {
      this.onState('waiting');
    }
    // Full jitter: after a restart a thousand pages do not come back in the same moment.
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#retry = setTimeout(() => this.#connect(), 100 + Math.random() * ceiling);
  }

  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lost(), SILENCE);
  }

  #drop() {
    clearTimeout(this.#watchdog);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}

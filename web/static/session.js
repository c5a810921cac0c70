// Who is signed in in this window, and with which tokens.
//
// Tokens stand in localStorage, keyed by a random session name; sessionStorage holds only that name. Why: a refresh
// token is good once, so all windows of one session must see the newest; yet two windows may be two people, and a closed
// window must not sign anybody out. Scripts of this origin can read them, so the page admits no script but its own files
// (CSP) and never parses text as HTML. Cookies would be no better here: a path is no boundary for them.

/** Milliseconds before its end at which an access token is renewed. */
const RENEW_BEFORE = 60_000;

export class SessionEnded extends Error {}

export class Session {
  #prefix;
  #name = null;
  #renewing = null;
  #timer = 0;
  #renew;

  /** Called with each new access token. */
  onToken = () => {};
  /** Called when this window is signed out. */
  onEnd = () => {};

  /** `renew(refreshToken)` answers a new session, or throws an ApiError. */
  constructor(scope, renew) {
    this.#prefix = `threadly:${scope}:`;
    this.#renew = renew;
    this.#name = sessionStorage.getItem(`${this.#prefix}window`);
    if (this.#name && !this.#read()) this.#name = null;
    addEventListener('storage', (event) => this.#changedElsewhere(event));
    if (this.#name) this.#schedule();
  }

  get signedIn() {
    return this.#name !== null;
  }

  get user() {
    return this.#read()?.user ?? null;
  }

  /** The sessions that this browser knows of, for a new window to go on with: [{name, user}]. */
  known() {
    const names = Object.keys(localStorage).filter((key) => key.startsWith(`${this.#prefix}session:`));
    return names.map((key) => ({ name: key.slice(`${this.#prefix}session:`.length), user: parse(key)?.user }))
      .filter(({ user }) => user);
  }

  /** Uses a known session in this window. */
  adopt(name) {
    this.#name = name;
    sessionStorage.setItem(`${this.#prefix}window`, name);
    this.#schedule();
  }

  /** Begins a session from the answer of a sign-in. */
  begin(answer) {
    const name = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(36)).join('');
    this.#write(name, answer);
    this.adopt(name);
  }

  /** Forgets the session, in every window that uses it. */
  end() {
    if (!this.#name) return;
    localStorage.removeItem(this.#key(this.#name));
    this.#forget();
  }

  /** A valid access token; `refused` names one that the server did not take. */
  async accessToken(refused) {
    const session = this.#read();
    if (!session) throw new SessionEnded();
    if (session.accessToken !== refused && session.expiresAt - Date.now() > RENEW_BEFORE / 2) return session.accessToken;
    this.#renewing ??= this.#locked(() => this.#refresh(session.accessToken)).finally(() => { this.#renewing = null; });
    return this.#renewing;
  }

  /** One window at a time, where the browser can say so; elsewhere the server's grace for a lost answer helps. */
  #locked(work) {
    return navigator.locks ? navigator.locks.request(this.#key(this.#name), work) : work();
  }

  async #refresh(oldToken) {
    const session = this.#read();
    if (!session) throw new SessionEnded();
    // Another window may have done it while this one waited for the lock.
    if (session.accessToken !== oldToken && session.expiresAt > Date.now()) return session.accessToken;
    const name = this.#name;
    try {
      const answer = await this.#renew(session.refreshToken);
      if (this.#name !== name) throw new SessionEnded();
      this.#write(name, answer);
      this.#schedule();
      this.onToken(answer.accessToken);
      return answer.accessToken;
    } catch (error) {
      if (error.status === 400 || error.status === 401 || error.code === 'account-deactivated') {
        this.end();
        throw new SessionEnded();
      }
      this.#schedule(5_000 + Math.random() * 5_000);
      throw error;
    }
  }

  #schedule(wait) {
    clearTimeout(this.#timer);
    const left = (this.#read()?.expiresAt ?? 0) - Date.now() - RENEW_BEFORE;
    // Windows of one session do not all try at once.
    const delay = wait ?? Math.max(left, 0) + Math.random() * 2_000;
    this.#timer = setTimeout(() => this.accessToken(this.#read()?.accessToken).catch(() => {}), delay);
  }

  #changedElsewhere(event) {
    if (!this.#name || event.key !== this.#key(this.#name)) return;
    if (event.newValue === null) {
      this.#forget();
      return;
    }
    this.#schedule();
    this.onToken(this.#read().accessToken);
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#name = null;
    sessionStorage.removeItem(`${this.#prefix}window`);
    this.onEnd();
  }

  #key(name) {
    return `${this.#prefix}session:${name}`;
  }

  #read() {
    return this.#name && parse(this.#key(this.#name));
  }

  #write(name, { accessToken, expiresIn, refreshToken, user }) {
    const session = { accessToken, refreshToken, user, expiresAt: Date.now() + expiresIn * 1_000 };
    localStorage.setItem(this.#key(name), JSON.stringify(session));
  }
}

function parse(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

import type { ThreadlyProblem } from './problem.ts';

/** Where access tokens come from. */
export interface TokenProvider {
  /** The current access token; nothing for somebody who has not signed in. */
  token(): string | undefined | Promise<string | undefined>;
  /** A new one, after the current one was answered `token-expired`; nothing if there is none to be had. */
  renew?(): Promise<string | undefined>;
}

/** What signing in answers. */
export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

/** A session in memory: renewed by its refresh token, which is good once. */
export class Session implements TokenProvider {
  #tokens: Tokens | undefined;
  readonly #refresh: (refreshToken: string) => Promise<Tokens>;
  readonly #changed: (tokens: Tokens | undefined) => void;

  /** `changed` is told of each new pair, to be kept for the next start, and of the end. */
  constructor(
    refresh: (refreshToken: string) => Promise<Tokens>,
    tokens?: Tokens,
    changed: (tokens: Tokens | undefined) => void = () => {},
  ) {
    this.#refresh = refresh;
    this.#tokens = tokens;
    this.#changed = changed;
  }

  /** Takes what signing in answered; nothing signs out here. */
  set(tokens: Tokens | undefined): void {
    this.#tokens = tokens;
    this.#changed(tokens);
  }

  token(): string | undefined {
    return this.#tokens?.accessToken;
  }

  async renew(): Promise<string | undefined> {
    const before = this.#tokens;
    if (before === undefined) return undefined;
    try {
      const after = await this.#refresh(before.refreshToken);
      // Somebody may have signed out, or in, meanwhile.
      if (this.#tokens === before) this.set({ accessToken: after.accessToken, refreshToken: after.refreshToken });
    } catch (error) {
      // Anything but a refusal may pass: the pair is kept.
      const refused = (error as Partial<ThreadlyProblem>).status === 401;
      if (refused && this.#tokens === before) this.set(undefined);
      throw error;
    }
    return this.#tokens?.accessToken;
  }
}

/** One renewal at a time: whoever asks while it is under way gets its outcome. */
export function singleFlight<T>(act: () => Promise<T>): () => Promise<T> {
  let under: Promise<T> | undefined;
  return () => {
    under ??= act().finally(() => {
      under = undefined;
    });
    return under;
  };
}

import { secondsOf } from './problem.ts';

/** How requests are tried again. */
export interface RetryOptions {
  /** Tries in all; 1 is no retry. */
  attempts: number;
  /** Milliseconds before the second try; each further wait is up to twice as long. */
  firstDelay: number;
  /** Milliseconds that one wait takes at most, whatever the server asks for: beyond, the answer is handed on. */
  longestDelay: number;
}

export const RETRIES: RetryOptions = { attempts: 4, firstDelay: 200, longestDelay: 10_000 };

/** Over with the next try. */
const PASSING = new Set([429, 503]);

/**
 * A `fetch` that tries again what did not arrive, and what was answered 429 or 503. Requests to Threadly name what they
 * make, so a second one does what the first did or nothing.
 */
export function retrying(
  send: (request: Request) => Promise<Response>,
  options: RetryOptions,
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void> = pause,
): (request: Request) => Promise<Response> {
  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const last = attempt >= options.attempts;
      // A body can be sent once.
      const copy = last ? request : request.clone();
      const backoff = options.firstDelay * 2 ** (attempt - 1);
      let wait = Math.min(backoff, options.longestDelay) * (0.5 + Math.random() / 2);
      try {
        const response = await send(copy);
        if (last || !PASSING.has(response.status)) return response;
        const asked = (secondsOf(response.headers.get('retry-after')) ?? 0) * 1000;
        if (asked > options.longestDelay) return response;
        // Everybody was told the same: they do not come back together.
        wait = asked > 0 ? asked + Math.random() * Math.min(asked, 1000) : wait;
        await response.body?.cancel();
      } catch (error) {
        // Given up by the caller, or no failure of the network.
        if (last || request.signal.aborted || !(error instanceof TypeError)) throw error;
      }
      await sleep(wait, request.signal);
    }
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

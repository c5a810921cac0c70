/** An error answer (RFC 9457), thrown. `code` is stable, `message` is for people and may change. */
export class ThreadlyProblem extends Error {
  override readonly name = 'ThreadlyProblem';
  readonly code: string;
  readonly status: number;
  /** The field that was wrong, as a path such as `text` or `members[0]`. */
  readonly field: string | undefined;
  /** Seconds to wait before the same request is made again. */
  readonly retryAfter: number | undefined;
  /** Names the request in the server's logs. */
  readonly requestId: string | undefined;

  constructor(response: Response, body: unknown) {
    const said = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
    const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
    const code = text(said['code']) ?? 'unknown';
    super(`${code}: ${text(said['detail']) ?? `HTTP ${response.status}`}`);
    this.code = code;
    this.status = response.status;
    this.field = text(said['field']);
    this.retryAfter = secondsOf(response.headers.get('retry-after'));
    this.requestId = response.headers.get('x-request-id') ?? undefined;
  }
}

/** Of a Retry-After header; dates are of no use to clocks that are wrong. */
export function secondsOf(value: string | null): number | undefined {
  return value !== null && /^\d{1,9}$/.test(value.trim()) ? Number(value) : undefined;
}

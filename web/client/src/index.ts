/** A typed client of Threadly's HTTP API. The types in `api.ts` are generated from its OpenAPI document. */

import createClient, { type Client, type Middleware } from 'openapi-fetch';

import type { components, paths } from './api.ts';
import { ThreadlyProblem } from './problem.ts';
import { RETRIES, retrying, type RetryOptions } from './retry.ts';
import { Session, singleFlight, type TokenProvider, type Tokens } from './tokens.ts';

export { uuidV7 } from './ids.ts';
export { ThreadlyProblem } from './problem.ts';
export { Session, type RetryOptions, type TokenProvider, type Tokens };
export type { components, paths };

/** The types of what is sent and answered, by their names in the document. */
export type Schemas = components['schemas'];

export interface Options {
  /** Where Threadly is: `https://chat.example`. */
  baseUrl: string;
  /** The workspace's name in URLs. */
  handle: string;
  /** Where access tokens come from; nobody is signed in without. */
  tokens?: TokenProvider;
  retry?: Partial<RetryOptions>;
  /** In place of the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

/** An operation without the parameter that the client fills in. */
type WithoutHandle<O> = O extends { parameters: { path: { handle: string } } }
  ? Omit<O, 'parameters'> & { parameters: Omit<O['parameters'], 'path'> & Named<Omit<O['parameters']['path'], 'handle'>> }
  : O;

/** Parameters in the path, if there are any. */
type Named<Path> = keyof Path extends never ? { path?: never } : { path: Path };

/** The paths of one workspace, from behind `/w/{handle}/v1`. */
export type WorkspacePaths = {
  [P in keyof paths as P extends `/w/{handle}/v1${infer Rest}` ? Rest : never]: {
    [M in keyof paths[P]]: WithoutHandle<paths[P][M]>;
  };
};

/** Operations by method and path, as `openapi-fetch` types them. What is no success is thrown as a `ThreadlyProblem`. */
export type Threadly = Client<WorkspacePaths>;

/** A client of one workspace: `await client.GET('/channels/{channelId}', { params: { path: { channelId } } })`. */
export function threadly(options: Options): Threadly {
  const origin = new URL(options.baseUrl).href.replace(/\/$/, '');
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const tried = retrying(send, { ...RETRIES, ...options.retry });
  const client = createClient<WorkspacePaths>({
    baseUrl: `${origin}/w/${encodeURIComponent(options.handle)}/v1`,
    fetch: authorised(tried, options.tokens),
  });
  client.use(problems);
  return client;
}

/** A session in memory of a workspace, which renews itself. */
export function session(
  options: Omit<Options, 'tokens'>,
  tokens?: Tokens,
  changed?: (tokens: Tokens | undefined) => void,
): Session {
  const client = threadly(options);
  const refresh = async (refreshToken: string) => {
    const { data } = await client.POST('/auth/refresh', { body: { refreshToken } });
    return answered(data);
  };
  return new Session(refresh, tokens, changed);
}

/** What a success answered. */
export function answered<T>(data: T | undefined): T {
  if (data === undefined) throw new TypeError('the answer has no body');
  return data;
}

/** Adds the token; one that has expired is renewed, once, and the request made again. */
function authorised(send: (request: Request) => Promise<Response>, tokens: TokenProvider | undefined) {
  if (tokens === undefined) return send;
  const renew = singleFlight(async () => tokens.renew?.());
  const bearing = (request: Request, token: string | undefined) => {
    if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`);
    return request;
  };
  return async (request: Request) => {
    const token = await tokens.token();
    const again = request.clone();
    const response = await send(bearing(request, token));
    if (response.status !== 401 || token === undefined) return response;
    if ((await problemOf(response.clone())).code !== 'token-expired') return response;
    // Another request may have renewed it while this one was under way.
    const current = await tokens.token();
    const fresh = current !== undefined && current !== token ? current : await renew();
    return fresh === undefined || fresh === token ? response : send(bearing(again, fresh));
  };
}

const problems: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return;
    throw await problemOf(response);
  },
};

async function problemOf(response: Response): Promise<ThreadlyProblem> {
  const body: unknown = await response.json().catch(() => undefined);
  return new ThreadlyProblem(response, body);
}

/** A page of a list. */
export interface Page<T> {
  items: readonly T[];
  nextCursor?: string | null;
}

/**
 * Every item of a list, page by page: `for await (const channel of items((cursor) => …))`. `read` asks for the page at a
 * cursor; the first one has none.
 */
export async function* items<T>(
  read: (cursor: string | undefined) => Promise<{ data?: Page<T> }>,
): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = answered((await read(cursor)).data);
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

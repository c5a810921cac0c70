// The client against answers that are made here: what it sends again, what it renews, what it throws.

import assert from 'node:assert/strict';
import test from 'node:test';

import { items, session, threadly, ThreadlyProblem, uuidV7, type Options, type TokenProvider } from '../src/index.ts';

const QUICK = { attempts: 3, firstDelay: 1, longestDelay: 5 };

function problem(status: number, code: string, more: object = {}, headers: Record<string, string> = {}): Response {
  const body = { type: `https://threadly.dev/problems/${code}`, title: 'No', status, code, detail: 'so it is', ...more };
  return Response.json(body, { status, headers: { 'content-type': 'application/problem+json', ...headers } });
}

/** A client whose requests are answered by these, in turn; an error is a failure of the network. */
function answering(answers: (Response | Error | ((request: Request) => Response))[], more: Partial<Options> = {}) {
  const asked: { method: string; path: string; token: string | null; body: string }[] = [];
  const fetch = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const token = request.headers.get('authorization');
    asked.push({ method: request.method, path: pathname + search, token, body: await request.clone().text() });
    const answer = answers.shift();
    assert.ok(answer, `one request too many: ${request.method} ${request.url}`);
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(request) : answer;
  };
  const options = { baseUrl: 'https://chat.example/', handle: 'acme', retry: QUICK, fetch, ...more };
  return { client: threadly(options), options, asked };
}

const me = { userId: uuidV7(), email: 'ada@acme.example', displayName: 'Ada', role: 'member' };

test('a path stands under the workspace, and a body is sent as JSON', async () => {
  const { client, asked } = answering([Response.json({}, { status: 201 })]);
  const [channelId, messageId] = [uuidV7(), uuidV7()];
  const path = { channelId, messageId };
  await client.PUT('/channels/{channelId}/messages/{messageId}', { params: { path }, body: { text: 'Hi' } });
  assert.deepEqual(asked, [
    { method: 'PUT', path: `/w/acme/v1/channels/${channelId}/messages/${messageId}`, token: null, body: '{"text":"Hi"}' },
  ]);
});

test('a refusal is thrown with its code, field and request', async () => {
  const refusal = problem(422, 'text-empty', { field: 'text' }, { 'x-request-id': 'r-1' });
  const { client } = answering([refusal]);
  const error = await client.GET('/me').catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ThreadlyProblem);
  const { code, status, field, retryAfter, requestId, message } = error;
  assert.deepEqual({ code, status, field, retryAfter, requestId, message }, {
    code: 'text-empty', status: 422, field: 'text', retryAfter: undefined, requestId: 'r-1', message: 'text-empty: so it is',
  });
});

test('what is no problem is one too', async () => {
  const { client } = answering([new Response('<html>Bad gateway', { status: 502 })]);
  await assert.rejects(client.GET('/me').then(), { name: 'ThreadlyProblem', code: 'unknown', status: 502 });
});

test('a lost request, 429 and 503 are tried again with the same body, and not for ever', async () => {
  const lost = new TypeError('fetch failed');
  const { client, asked } = answering([lost, problem(503, 'log-unavailable'), Response.json(me)]);
  await client.POST('/auth/sign-in', { body: { email: 'ada@acme.example', password: 'correct horse battery' } });
  assert.equal(asked.length, 3);
  assert.equal(new Set(asked.map((request) => request.body)).size, 1);

  const never = answering([lost, lost, problem(429, 'rate-limited')]);
  await assert.rejects(never.client.GET('/me').then(), { code: 'rate-limited' });
  const away = answering([lost, lost, lost]);
  await assert.rejects(away.client.GET('/me').then(), TypeError);
});

test('a longer wait than the longest is the caller’s to decide', async () => {
  const { client } = answering([problem(429, 'rate-limited', {}, { 'retry-after': '60' })]);
  await assert.rejects(client.GET('/me').then(), { code: 'rate-limited', retryAfter: 60 });
});

test('other refusals, and what the caller gave up, are not tried again', async () => {
  for (const status of [400, 401, 403, 404, 409, 412, 500]) {
    const { client } = answering([problem(status, 'no')]);
    await assert.rejects(client.GET('/me').then(), { status });
  }
  const { client, asked } = answering([new DOMException('given up', 'AbortError')]);
  await assert.rejects(client.GET('/me').then(), { name: 'AbortError' });
  assert.equal(asked.length, 1);
});

test('an expired token is renewed once for all requests that found it so, which are made again', async () => {
  let [renewals, current] = [0, 'old'];
  const tokens: TokenProvider = {
    token: () => current,
    renew: async () => {
      renewals += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
      current = 'new';
      return current;
    },
  };
  const answer = (request: Request) =>
    request.headers.get('authorization') === 'Bearer new' ? Response.json(me) : problem(401, 'token-expired');
  const { client, asked } = answering(Array(8).fill(answer), { tokens });
  const bodies = await Promise.all([1, 2, 3, 4].map(async () => (await client.GET('/me')).data?.displayName));
  assert.deepEqual(bodies, ['Ada', 'Ada', 'Ada', 'Ada']);
  assert.equal(renewals, 1);
  assert.equal(asked.length, 8);
});

test('a token that is refused otherwise, or expires at once again, is not renewed for ever', async () => {
  let renewals = 0;
  const tokens = { token: () => 'old', renew: async () => `new ${(renewals += 1)}` };
  const invalid = answering([problem(401, 'token-invalid')], { tokens });
  await assert.rejects(invalid.client.GET('/me').then(), { code: 'token-invalid' });
  assert.equal(renewals, 0);
  const expired = answering([problem(401, 'token-expired'), problem(401, 'token-expired')], { tokens });
  await assert.rejects(expired.client.GET('/me').then(), { code: 'token-expired' });
  assert.equal(renewals, 1);
});

test('a session keeps its pair of tokens until a refusal', async () => {
  const pair = (n: number) => Response.json({ accessToken: `a${n}`, refreshToken: `r${n}`, expiresIn: 600, user: me });
  const { options, asked } = answering([pair(2), problem(503, 'away'), problem(503, 'away'), problem(503, 'away'),
    problem(401, 'refresh-token-reused')]);
  const kept: unknown[] = [];
  const own = session(options, { accessToken: 'a1', refreshToken: 'r1' }, (tokens) => kept.push(tokens?.refreshToken));
  assert.equal(await own.renew(), 'a2');
  assert.equal(asked[0]?.body, '{"refreshToken":"r1"}');
  await assert.rejects(own.renew(), { code: 'away' });
  assert.equal(own.token(), 'a2');
  await assert.rejects(own.renew(), { code: 'refresh-token-reused' });
  assert.equal(own.token(), undefined);
  assert.deepEqual(kept, ['r2', undefined]);
});

test('a list is read page by page until it ends', async () => {
  const pages = [{ items: [1, 2], nextCursor: 'b' }, { items: [], nextCursor: 'c' }, { items: [3], nextCursor: null }];
  const cursors: unknown[] = [];
  const read = async (cursor: string | undefined) => {
    cursors.push(cursor);
    return { data: pages[cursors.length - 1]! };
  };
  const all: number[] = [];
  for await (const item of items<number>(read)) all.push(item);
  assert.deepEqual(all, [1, 2, 3]);
  assert.deepEqual(cursors, [undefined, 'b', 'c']);
});

test('ids are UUIDv7 in the order of their time', () => {
  const ids = [1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000].map((now) => uuidV7(now));
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16), 1_700_000_000_000);
});

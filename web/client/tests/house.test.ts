// The client against a running house: the programs and servers of `cargo xtask test web`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { answered, items, session, threadly, ThreadlyProblem, uuidV7, type Options, type Threadly } from '../src/index.ts';

const MANIFEST = `apiVersion: threadly.dev/v1alpha1
kind: Workspace
metadata: {name: client}
spec:
  owner: {email: owner@acme.example}
  signUp: {mode: Open}
`;

interface House {
  stop(): Promise<void>;
  port: number;
}

const skip = process.env['THREADLY_TEST_BIN'] ? false : 'no house: run `cargo xtask test web`';
let house: House;
let options: Options;

before(async () => {
  if (skip) return;
  const path = new URL('../../../tests/browser/threadly.mjs', import.meta.url).href;
  const { Threadly: Program } = (await import(path)) as { Threadly: { start(manifests: object): Promise<House> } };
  house = await Program.start({ 'client.yaml': MANIFEST });
  options = { baseUrl: `http://127.0.0.1:${house.port}`, handle: 'client' };
});

after(async () => house?.stop());

/** Somebody who has just registered. */
async function register(name: string): Promise<{ client: Threadly; refreshToken: string }> {
  const person = { userId: uuidV7(), sessionId: uuidV7(), displayName: name, password: 'correct horse battery' };
  const body = { ...person, email: `${name}-${person.userId}@acme.example` };
  const tokens = answered((await threadly(options).POST('/auth/register', { body })).data);
  return { client: threadly({ ...options, tokens: session(options, tokens) }), refreshToken: tokens.refreshToken };
}

test('somebody registers, makes a channel, posts, and reads all of it page by page', { skip }, async () => {
  const { client } = await register('ada');
  assert.equal(answered((await client.GET('/me')).data).displayName, 'ada');
  const channelId = uuidV7();
  const channel = { params: { path: { channelId } } };
  const made = await client.PUT('/channels/{channelId}', { ...channel, body: { name: `c ${channelId}`, visibility: 'public' } });
  assert.equal(made.response.status, 201);

  let atLeast: string | undefined;
  for (let number = 1; number <= 5; number += 1) {
    const path = { channelId, messageId: uuidV7() };
    const post = { params: { path }, body: { text: `message ${number}` } };
    const first = await client.PUT('/channels/{channelId}/messages/{messageId}', post);
    const again = await client.PUT('/channels/{channelId}/messages/{messageId}', post);
    assert.deepEqual([first.response.status, again.response.status], [201, 200]);
    assert.deepEqual(again.data, first.data);
    atLeast = answered(first.data).position;
  }
  const texts: (string | null | undefined)[] = [];
  const pages = (cursor: string | undefined) => {
    const query = { limit: 2, ...(atLeast && { atLeast }), ...(cursor && { cursor }) };
    return client.GET('/channels/{channelId}/messages', { params: { path: { channelId }, query } });
  };
  for await (const message of items(pages)) texts.push(message.text);
  assert.deepEqual(texts, [5, 4, 3, 2, 1].map((number) => `message ${number}`));
});

test('a refusal comes as the problem that it is', { skip }, async () => {
  const { client } = await register('ben');
  const path = { channelId: uuidV7(), messageId: uuidV7() };
  const error = await client
    .PUT('/channels/{channelId}/messages/{messageId}', { params: { path }, body: { text: 'Hello?' } })
    .catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ThreadlyProblem);
  assert.deepEqual([error.status, error.code], [404, 'channel-not-found']);
  assert.match(error.requestId ?? '', /^[0-9a-f-]{36}$/);
  const anonymous = threadly(options).GET('/me');
  await assert.rejects(anonymous.then(), { status: 401, code: 'token-missing' });
});

test('a session renews its tokens at the house', { skip }, async () => {
  const { refreshToken } = await register('cai');
  const own = session(options, { accessToken: 'gone', refreshToken });
  assert.ok(await own.renew());
  const client = threadly({ ...options, tokens: own });
  assert.equal(answered((await client.GET('/me')).data).displayName, 'cai');
  own.set({ accessToken: 'gone', refreshToken: 'x'.repeat(43) });
  await assert.rejects(own.renew(), { code: 'refresh-token-invalid' });
  assert.equal(own.token(), undefined);
});

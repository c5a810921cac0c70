// The HTTP API of one workspace. Every failure is an ApiError with the problem's stable code.

import { parsePosition, uuidV7 } from './fold.js';
import { Session } from './session.js';

/** This page stands at …/w/{handle}/, the API beside it. */
const BASE = new URL('v1/', import.meta.url);
/** A request that takes longer counts as lost; above the server's own limit of ten seconds. */
const TIMEOUT = 15_000;
const PAGE = 200;

export class ApiError extends Error {
  constructor(status, code, detail, field) {
    super(detail);
    this.status = status;
    this.code = code;
    this.field = field;
  }

  /** Whether the same request may succeed later: no answer came, or the server says that it is not ready. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

async function send(method, path, { body, token, query } = {}) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined) url.searchParams.set(name, value);
  }
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers['content-type'] = 'application/json';
  let response;
  let text;
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    response = await fetch(url, { method, headers, body: body && JSON.stringify(body), signal, credentials: 'omit' });
    text = await response.text();
  } catch {
    throw new ApiError(0, 'no-answer', 'Threadly can’t be reached; check your connection.');
  }
  let json = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    // A proxy's own page; the status says enough.
  }
  if (!response.ok) {
    throw new ApiError(response.status, json?.code ?? 'unknown', json?.detail ?? `The server answered ${response.status}.`, json?.field);
  }
  return { json, seen: parsePosition(response.headers.get('threadly-position')) };
}

export const session = new Session(BASE.pathname, async (refreshToken) =>
  (await send('POST', 'auth/refresh', { body: { refreshToken } })).json);

/** Sends with the caller's token; one that is refused is renewed once. */
async function call(method, path, options) {
  const token = await session.accessToken();
  try {
    return await send(method, path, { ...options, token });
  } catch (error) {
    if (error.status !== 401) throw error;
    return send(method, path, { ...options, token: await session.accessToken(token) });
  }
}

async function everything(path) {
  const items = [];
  for (let cursor = null, more = true; more; more = cursor !== null) {
    const { json } = await call('GET', path, { query: { limit: PAGE, cursor } });
    items.push(...json.items);
    cursor = json.nextCursor;
  }
  return items;
}

const messagePath = (channelId, messageId) => `channels/${channelId}/messages/${messageId}`;

/** Where the socket is; the scheme follows the page's. */
export function socketUrl() {
  const url = new URL('socket', BASE);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}

/** The client names the session, so after a lost answer the same request opens no second one, and uses no ticket up. */
async function begin(path, body) {
  const request = { body: { ...body, sessionId: uuidV7() } };
  const answer = await send('POST', path, request).catch((error) => {
    if (error.status !== 0) throw error;
    return send('POST', path, request);
  });
  session.begin(answer.json);
}

export const signIn = (email, password) => begin('auth/sign-in', { email, password });
export const register = (account) => begin('auth/register', account);
export const redeem = (ticket) => begin('auth/redeem', { ticket });

export async function signOut() {
  try {
    await call('POST', 'auth/sign-out');
  } finally {
    session.end();
  }
}

const answer = async (method, path, options) => (await call(method, path, options)).json;

export const getMe = () => answer('GET', 'me');
export const listPeople = () => everything('people');
export const getPerson = (userId) => answer('GET', `people/${userId}`);
export const deleteAvatar = () => answer('DELETE', 'me/avatar');
export const listChannels = () => everything('channels');
export const getChannel = (channelId) => answer('GET', `channels/${channelId}`);
export const putChannel = (channelId, properties) => answer('PUT', `channels/${channelId}`, { body: properties });
export const listMembers = (channelId) => everything(`channels/${channelId}/members`);
export const putMember = (channelId, userId) => answer('PUT', `channels/${channelId}/members/${userId}`);
export const deleteMember = (channelId, userId) => answer('DELETE', `channels/${channelId}/members/${userId}`);

export const putMessage = (channelId, messageId, body) => answer('PUT', messagePath(channelId, messageId), { body });
export const editMessage = (channelId, messageId, text) =>
  answer('PATCH', messagePath(channelId, messageId), { body: { text } });
export const deleteMessage = (channelId, messageId) => answer('DELETE', messagePath(channelId, messageId));

/** A person's picture. The answer leads to the bucket; browsers leave the token behind when they follow it there. */
export async function getAvatar(userId, digest) {
  const url = new URL(`people/${userId}/avatar`, BASE);
  url.searchParams.set('digest', digest);
  const ask = (token) => bucketFetch(url, { headers: { authorization: `Bearer ${token}` } });
  const token = await session.accessToken();
  let response = await ask(token);
  if (response.status === 401) response = await ask(await session.accessToken(token));
  if (!response.ok) throw new ApiError(response.status, 'unknown', 'The picture can’t be read.');
  return response.blob();
}

/** Makes a picture the caller's: announced here, put into the bucket, looked at by the server. */
export async function setAvatar(blob) {
  if (!crypto.subtle) throw new Error('Pictures can only be set where the page comes by https.');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const upload = await answer('POST', 'me/avatar', { body: { contentType: blob.type, length: blob.size, sha256 } });
  const response = await bucketFetch(upload.url, { method: 'PUT', headers: upload.headers, body: blob });
  if (!response.ok) throw new ApiError(response.status, 'unknown', 'The picture was not taken.');
  return answer('POST', `me/avatar/${upload.uploadId}`);
}

async function bucketFetch(url, options) {
  try {
    return await fetch(url, { ...options, credentials: 'omit', signal: AbortSignal.timeout(TIMEOUT) });
  } catch {
    throw new ApiError(0, 'no-answer', 'The store of pictures can’t be reached.');
  }
}

/** A page, newest first, and the place up to which it is complete. */
export async function listMessages(channelId, { before, atLeast, limit = 50 } = {}) {
  const { json, seen } = await call('GET', `channels/${channelId}/messages`, { query: { cursor: before, atLeast, limit } });
  return { page: json, seen };
}

/** A page of a thread, oldest first. */
export async function listThread(channelId, messageId, { after, atLeast } = {}) {
  const query = { cursor: after, atLeast, limit: PAGE };
  const { json, seen } = await call('GET', `${messagePath(channelId, messageId)}/thread`, { query });
  return { page: json, seen };
}

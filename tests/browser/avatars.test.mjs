// Pictures in the browser: chosen by one, seen by the other, from the bucket's own origin and under the page's policy.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { Threadly, until } from './threadly.mjs';

const manifest = (name) => `apiVersion: threadly.dev/v1alpha1
kind: Workspace
metadata: {name: ${name}}
spec:
  displayName: Acme Corp
  owner: {email: owner@acme.example}
  signUp: {mode: Open}
`;

const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

let threadly;
let browser;
const complaints = [];
const name = `avatars-${process.pid}`;

before(async () => {
  threadly = await Threadly.start({ 'acme.yaml': manifest(name) });
  browser = await chromium.launch({ executablePath: process.env.THREADLY_TEST_CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
});

after(async () => {
  await browser?.close();
  await threadly?.stop();
});

async function openWindow() {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  return page;
}

const by = (page, id) => page.getByTestId(id);
const connected = (page) => page.locator('[data-testid=connection][data-state=live]').waitFor();

/** A picture of one colour, as a file that somebody chooses. */
async function picture(page, colour) {
  const bytes = await page.evaluate(async (fill) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 300 });
    const context = canvas.getContext('2d');
    context.fillStyle = fill;
    context.fillRect(0, 0, 400, 300);
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg'); });
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, colour);
  return { name: 'me.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(bytes) };
}

/** Waits until a picture is really drawn there; answers its size. */
const drawn = (page, selector) => until(`a picture in ${selector}`, () => page.evaluate((where) => {
  const image = document.querySelector(`${where} [data-testid=avatar] img`);
  return image?.complete && image.naturalWidth;
}, selector));

test('a picture that somebody chooses is seen by others, and goes when it is removed', async () => {
  const [owner, guest] = [await openWindow(), await openWindow()];
  const { url, signInLink } = await threadly.workspace(name);
  await owner.goto(signInLink);
  await connected(owner);
  await by(owner, 'new-channel').click();
  await by(owner, 'new-channel-name').fill('general');
  await by(owner, 'new-channel-create').click();
  await by(owner, 'new-channel-form').waitFor({ state: 'hidden' });
  await by(owner, 'composer').fill('Look at me');
  await by(owner, 'composer').press('Enter');

  await by(owner, 'picture').click();
  await by(owner, 'picture-file').setInputFiles(await picture(owner, 'teal'));
  assert.equal(await drawn(owner, '#picture-shown'), 256, 'it is cut to a small square');
  await by(owner, 'picture-file').setInputFiles({ name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<svg/>') });
  await by(owner, 'picture-error').filter({ hasText: 'not a picture' }).waitFor();
  await by(owner, 'picture-dialog').getByRole('button', { name: 'Done' }).click();
  await drawn(owner, '#message-list');

  await guest.goto(url);
  await by(guest, 'mode-register').check({ force: true });
  await by(guest, 'display-name').fill('Grace');
  await by(guest, 'email').fill('grace@acme.example');
  await by(guest, 'password').fill('correct horse battery');
  await by(guest, 'register').click();
  await connected(guest);
  await drawn(guest, '#people-list');
  await by(guest, 'open-channel-list').getByTestId('join').click();
  await by(guest, 'channel-list').getByText('general').click();
  await drawn(guest, '#message-list');

  await by(owner, 'picture').click();
  await by(owner, 'picture-remove').click();
  await by(owner, 'picture-remove').waitFor({ state: 'hidden' });
  assert.equal(await owner.locator('#picture-shown img').count(), 0);

  // Nothing but the bucket's own origin is let in beside the page's.
  const policy = (await guest.request.get(url)).headers()['content-security-policy'];
  const origin = `http://127.0.0.1:${threadly.bucketsPort}`;
  assert.match(policy, new RegExp(`connect-src 'self' ${origin};`));
  assert.match(policy, new RegExp(`img-src 'self' data: blob: ${origin};`));
  const refused = await guest.evaluate(async (other) => fetch(other).then(() => 'let in', () => 'refused'), 'http://127.0.0.1:1/');
  assert.equal(refused, 'refused');
  assert.deepEqual(complaints.filter((text) => !text.includes('127.0.0.1:1')), []);
});

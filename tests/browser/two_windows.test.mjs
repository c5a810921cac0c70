// Two people in two browser windows: from the owner's one-time link to a conversation that outlives a killed server.

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
const name = `acme-${process.pid}`;

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
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  return page;
}

const by = (page, id) => page.getByTestId(id);
const says = (page, text) => by(page, 'messages').getByTestId('message').filter({ hasText: text });
const connected = (page) => page.locator('[data-testid=connection][data-state=live]').waitFor();

async function send(page, text) {
  await by(page, 'composer').fill(text);
  await by(page, 'composer').press('Enter');
  await says(page, text).and(page.locator('[data-state=confirmed]')).waitFor();
}

test('two windows chat, and go on after the server was killed', async () => {
  const [owner, guest] = [await openWindow(), await openWindow()];
  const { url, signInLink } = await threadly.workspace(name);

  await owner.goto(signInLink);
  await connected(owner);
  assert.ok(!owner.url().includes('ticket'), 'the ticket has left the address bar');
  await by(owner, 'new-channel').click();
  await by(owner, 'new-channel-name').fill('general');
  await by(owner, 'new-channel-create').click();
  await by(owner, 'new-channel-form').waitFor({ state: 'hidden' });

  await guest.goto(url);
  await by(guest, 'mode-register').check({ force: true });
  await by(guest, 'display-name').fill('Grace');
  await by(guest, 'email').fill('grace@acme.example');
  await by(guest, 'password').fill('correct horse battery');
  await by(guest, 'register').click();
  await connected(guest);
  await by(guest, 'open-channel-list').getByText('general').waitFor();
  await by(guest, 'open-channel-list').getByTestId('join').click();
  await by(guest, 'channel-list').getByText('general').click();

  await send(owner, 'Good morning, Grace!');
  await says(guest, 'Good morning, Grace!').waitFor();
  await send(guest, 'Good morning! <b>not bold</b>');
  await says(owner, '<b>not bold</b>').waitFor();
  assert.equal(await by(owner, 'messages').locator('b').count(), 0, 'text is never read as HTML');

  await threadly.kill();
  await guest.locator('[data-testid=connection]:not([data-state=live])').waitFor();
  await by(guest, 'composer').fill('Sent while the server was away');
  await by(guest, 'composer').press('Enter');
  await threadly.restart();
  await connected(guest);
  await connected(owner);
  await says(owner, 'Sent while the server was away').waitFor();
  await says(guest, 'Sent while the server was away').and(guest.locator('[data-state=confirmed]')).waitFor();

  for (const page of [owner, guest]) {
    const texts = await by(page, 'messages').getByTestId('message-text').allTextContents();
    assert.deepEqual(texts, ['Good morning, Grace!', 'Good morning! <b>not bold</b>', 'Sent while the server was away']);
  }
  await owner.reload();
  await says(owner, 'Sent while the server was away').waitFor();
  assert.equal(await says(owner, 'Good morning, Grace!').count(), 1);
  assert.deepEqual(complaints, []);
});

test('a used link lets nobody in', async () => {
  const { signInLink } = await threadly.workspace(name);
  const [first, second] = [await openWindow(), await openWindow()];
  await first.goto(signInLink);
  await connected(first);
  await second.goto(signInLink);
  await by(second, 'sign-in-error').filter({ hasText: /used/ }).waitFor();
});

test('a manifest added while running is served at once, a bad one is a message', async () => {
  const other = `${name}-b`;
  await threadly.manifest('bad.yaml', manifest('bad').replace('displayName', 'displayname'));
  await threadly.manifest('other.yaml', manifest(other));
  const { url } = await until('the new workspace is served', async () => {
    const workspace = await threadly.workspace(other);
    return workspace?.ready && workspace;
  });
  assert.equal((await fetch(url)).status, 200);
  const bad = await until('the bad manifest is reported', async () =>
    (await threadly.status()).workspaces.find((workspace) => workspace.file === 'bad.yaml'));
  assert.match(bad.message, /displayname/);
  assert.equal((await fetch((await threadly.workspace(name)).url)).status, 200);
});

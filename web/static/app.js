// The page: signs somebody in, then draws the workspace and passes on what they do.

import * as api from './api.js';
import { pictureDialog } from './avatars.js';
import { MessageList } from './messages.js';
import { drawSidebar, membersDialog, newChannelDialog, sigil } from './sidebar.js';
import { button, byId, composer, element, openDialog, soon, toast } from './view.js';
import { redeemTicket, showWelcome } from './welcome.js';
import { Workspace } from './workspace.js';

const HANDLE = location.pathname.split('/').filter(Boolean).at(-1) ?? '';
const CONNECTION = { live: 'Connected', connecting: 'Connecting…', waiting: 'Reconnecting…', offline: 'Offline' };

let workspace = null;
/** What was typed in channels that are not open. */
const drafts = new Map();

const redraw = soon(() => workspace && draw());
const acts = {
  redraw,
  edit: (messageId, text) => workspace.edit(messageId, text),
  remove: confirmDelete,
  openThread: (messageId) => openThread(messageId),
  retry: (messageId) => workspace.outbox.retry(messageId),
  discard: (messageId) => workspace.outbox.remove(messageId),
};
const channelMessages = new MessageList(byId('messages'), acts);
const threadMessages = new MessageList(byId('thread-messages'), acts);
const channelBox = composer(byId('composer-form'), (text) => workspace.send(text), (event, box) => {
  // As in other chats: up in an empty box edits what one said last.
  if (event.key !== 'ArrowUp' || box.value || !workspace.timeline) return;
  event.preventDefault();
  channelMessages.editLast(workspace.timeline.roots(), workspace.me);
});
const replyBox = composer(byId('reply-form'), (text) => workspace.send(text, workspace.threadId));

channelMessages.onTop = () => workspace?.loadOlder();
byId('older').onclick = () => workspace.loadOlder();
byId('new-channel').onclick = () => newChannelDialog(workspace);
byId('picture').onclick = () => pictureDialog(workspace);
byId('members').onclick = () => membersDialog(workspace);
byId('close-thread').onclick = () => closeThread();
byId('menu').onclick = () => showMenu(!byId('app').classList.contains('menu-open'));
byId('sign-out').onclick = () => {
  workspace?.outbox.forget();
  api.signOut().catch(() => {});
};
byId('thread').addEventListener('keydown', (event) => event.key === 'Escape' && closeThread());
byId('sidebar').addEventListener('keydown', (event) => event.key === 'Escape' && showMenu(false));
byId('channel').addEventListener('click', (event) => !byId('menu').contains(event.target) && showMenu(false));

api.session.onToken = (token) => workspace?.socket.renew(token);
api.session.onEnd = () => {
  workspace?.stop();
  workspace = null;
  // A fresh page: nothing of what was read stays in it for whoever comes next.
  location.replace(location.pathname);
};

await redeemTicket();
if (api.session.signedIn) enter();
else showWelcome(enter);

async function enter() {
  workspace = new Workspace();
  workspace.onChange = redraw;
  workspace.onTrouble = toast;
  byId('workspace-name').textContent = HANDLE;
  byId('app').hidden = false;
  const here = workspace;
  redraw();
  try {
    await here.start();
  } catch (error) {
    if (workspace === here) toast(error.message || 'The workspace can’t be read.');
    return;
  }
  if (workspace !== here || here.currentId) return;
  const wanted = new URLSearchParams(location.hash.slice(1)).get('channel');
  const mine = [...here.channels.values()].filter(({ membership }) => membership).sort((a, b) => a.name.localeCompare(b.name));
  const first = here.channels.get(wanted) ?? mine[0];
  if (first) open(first.channelId, { focus: false });
}

function open(channelId, { focus = true } = {}) {
  if (workspace.currentId !== channelId) {
    if (workspace.currentId) drafts.set(workspace.currentId, channelBox.value);
    channelBox.value = drafts.get(channelId) ?? '';
    replyBox.value = '';
  }
  history.replaceState(null, '', `#channel=${channelId}`);
  showMenu(false);
  workspace.open(channelId);
  if (focus) setTimeout(() => channelBox.focus(), 50);
}

function openThread(messageId) {
  replyBox.value = '';
  workspace.openThread(messageId);
  setTimeout(() => replyBox.focus(), 50);
}

function closeThread() {
  workspace.openThread(null);
  channelBox.focus();
}

function showMenu(isOpen) {
  byId('app').classList.toggle('menu-open', isOpen);
  byId('menu').setAttribute('aria-expanded', String(isOpen));
}

function confirmDelete({ messageId, text }) {
  const dialog = byId('delete-dialog');
  byId('delete-text').textContent = text;
  byId('confirm-delete').onclick = () => {
    dialog.close();
    workspace.delete(messageId);
  };
  openDialog(dialog);
}

function draw() {
  drawConnection();
  drawSidebar(workspace, open);
  drawChannel();
  drawThread();
  const unread = [...workspace.unread.values()].reduce((sum, count) => sum + count, 0);
  const where = workspace.current ? `${workspace.current.name} – ${HANDLE}` : HANDLE;
  document.title = `${unread ? `(${unread}) ` : ''}${where} – Threadly`;
}

function drawConnection() {
  const place = byId('connection');
  if (place.dataset.state === workspace.connection) return;
  place.dataset.state = workspace.connection;
  place.textContent = CONNECTION[workspace.connection];
}

function drawChannel() {
  const { current, timeline, trouble } = workspace;
  const isMember = Boolean(current?.membership);
  const title = byId('channel-name');
  const stamp = current ? `${current.name} ${current.visibility}` : '';
  if (title.dataset.stamp !== stamp) {
    title.dataset.stamp = stamp;
    title.replaceChildren(...(current ? [sigil(current.visibility), ' ', element('bdi', {}, current.name)] : []));
    channelBox.placeholder = current ? `Message ${current.name}` : 'Message';
  }
  byId('channel-topic').textContent = current?.topic ?? '';
  byId('members').hidden = !current;
  byId('messages').hidden = !isMember;
  byId('composer-form').hidden = !isMember;
  byId('older').hidden = !timeline?.olderCursor;
  byId('beginning').hidden = timeline?.olderCursor !== null;
  byId('beginning').textContent = current ? `This is where ${current.name} begins.` : '';
  byId('messages').setAttribute('aria-busy', String(isMember && !timeline?.loaded));
  drawEmpty(current, isMember, trouble);
  if (!isMember || !timeline) {
    channelMessages.clear();
    return;
  }
  const { currentId } = workspace;
  const messages = timeline.roots();
  const entries = workspace.outbox.of(currentId).filter(({ parentMessageId }) => !parentMessageId);
  channelMessages.draw({ name: `${currentId} ${timeline.loaded}`, messages, entries, workspace, inThread: false });
}

/** Says why there are no messages to see. */
function drawEmpty(current, isMember, trouble) {
  const place = byId('empty');
  const hasNoChannel = !current;
  const state = trouble ? `trouble ${trouble}` : hasNoChannel ? 'none' : isMember ? '' : `join ${current.channelId}`;
  if (place.dataset.stamp === state) return;
  place.dataset.stamp = state;
  place.hidden = state === '';
  place.replaceChildren();
  if (trouble) {
    place.append(element('p', {}, `${trouble} Trying again…`));
  } else if (hasNoChannel) {
    const make = button('New channel', () => newChannelDialog(workspace), { className: 'primary' });
    place.append(element('p', {}, 'Choose a channel, or make one.'), make);
  } else if (!isMember) {
    place.append(
      element('p', {}, 'You are not in ', element('bdi', {}, current.name), '. Join to read and write here.'),
      button('Join the channel', () => workspace.join(current.channelId), { className: 'primary', 'data-testid': 'join-current' }),
    );
  }
}

function drawThread() {
  const { threadId, timeline, currentId } = workspace;
  const isOpen = Boolean(threadId && timeline);
  byId('thread').hidden = !isOpen;
  byId('app').classList.toggle('thread-open', isOpen);
  if (!isOpen) {
    threadMessages.clear();
    return;
  }
  const entries = workspace.outbox.of(currentId).filter(({ parentMessageId }) => parentMessageId === threadId);
  threadMessages.draw({ name: threadId, messages: timeline.thread(threadId), entries, workspace, inThread: true });
}

// Drawing channels, people and members, and the dialogs that change them.

import * as api from './api.js';
import { avatarElement, avatarStamp } from './avatars.js';
import { button, byId, element, keep, openDialog } from './view.js';

const byName = (a, b) => a.localeCompare(b, undefined, { sensitivity: 'base', numeric: true });

/** Draws the lists beside the channel. */
export function drawSidebar(workspace, open) {
  const channels = [...workspace.channels.values()].sort((a, b) => byName(a.name, b.name));
  keep(byId('channel-list'), channels.filter(({ membership }) => membership).map((channel) => channelItem(channel, workspace, open)));
  const others = channels.filter(({ membership }) => !membership);
  keep(byId('open-channel-list'), others.map((channel) => openChannelItem(channel, workspace, open)));
  byId('open-channels').hidden = others.length === 0;
  const people = [...workspace.people.values()].filter(({ active }) => active).sort((a, b) => byName(a.displayName, b.displayName));
  keep(byId('people-list'), people.map((person) => ({
    key: person.userId,
    stamp: `${person.displayName} ${person.role} ${avatarStamp(person)}`,
    make: () => element('li', { 'data-testid': 'person', 'data-user-id': person.userId }, ...personLine(person, workspace)),
  })));
  byId('me').textContent = workspace.me.displayName;
  const own = { key: 'me', stamp: `${workspace.me.displayName} ${avatarStamp(workspace.me)}`, make: () => avatarElement(workspace.me) };
  keep(byId('picture'), [own]);
}

function channelItem(channel, workspace, open) {
  const { channelId, name, visibility } = channel;
  const isCurrent = channelId === workspace.currentId;
  const unread = workspace.unread.get(channelId) ?? 0;
  const make = () => element('li', {}, element(
    'button',
    {
      type: 'button', className: `channel-link${unread ? ' unread' : ''}`, onclick: () => open(channelId),
      'aria-current': isCurrent ? 'page' : null, 'data-testid': 'channel', 'data-channel-id': channelId,
    },
    sigil(visibility),
    element('bdi', { className: 'name' }, name),
    unread ? element('span', { className: 'badge', 'aria-label': `${unread} unread` }, unread > 99 ? '99+' : String(unread)) : null,
  ));
  return { key: channelId, stamp: [name, visibility, isCurrent, unread].join(' '), make };
}

function openChannelItem({ channelId, name, visibility }, workspace, open) {
  const isCurrent = channelId === workspace.currentId;
  const link = {
    type: 'button', className: 'channel-link', onclick: () => open(channelId),
    'aria-current': isCurrent ? 'page' : null, 'data-testid': 'channel', 'data-channel-id': channelId,
  };
  const make = () => element(
    'li',
    { className: 'joinable' },
    element('button', link, sigil(visibility), element('bdi', { className: 'name' }, name)),
    button('Join', () => workspace.join(channelId), { 'aria-label': `Join ${name}`, 'data-testid': 'join', 'data-channel-id': channelId }),
  );
  return { key: channelId, stamp: [name, isCurrent].join(' '), make };
}

/** The sign before a channel's name. */
export function sigil(visibility) {
  const isPrivate = visibility === 'private';
  const kind = { className: `sigil ${visibility}`, role: 'img', 'aria-label': visibility };
  return element('span', kind, isPrivate ? '' : '#');
}

function personLine(person, workspace) {
  const { userId, displayName, role } = person;
  const notes = [userId === workspace.me.userId ? 'you' : null, role === 'member' ? null : role].filter(Boolean).join(', ');
  return [avatarElement(person), element('bdi', { className: 'name' }, displayName), notes ? element('span', { className: 'mark' }, notes) : null];
}

/** Asks for a new channel's properties and makes it. */
export function newChannelDialog(workspace) {
  const dialog = byId('channel-dialog');
  const form = byId('channel-form');
  const error = form.querySelector('.error');
  form.reset();
  error.textContent = '';
  form.onsubmit = async (event) => {
    event.preventDefault();
    const { name, topic, private: isPrivate } = form.elements;
    const create = form.querySelector('[type=submit]');
    create.disabled = true;
    try {
      await workspace.createChannel({ name: name.value, topic: topic.value, visibility: isPrivate.checked ? 'private' : 'public' });
      dialog.close();
    } catch (failure) {
      error.textContent = failure.message;
      form.elements[failure.field]?.focus();
    } finally {
      create.disabled = false;
    }
  };
  openDialog(dialog);
}

/** Shows who is in the current channel, and lets people in and out. */
export async function membersDialog(workspace) {
  const dialog = byId('members-dialog');
  const error = dialog.querySelector('.error');
  const channel = workspace.current;
  const isMember = Boolean(channel.membership);
  byId('leave').hidden = !isMember;
  byId('leave').onclick = () => { dialog.close(); workspace.leave(channel.channelId); };
  byId('member-list').replaceChildren();
  byId('candidate-list').replaceChildren();
  const attempt = async (work) => {
    error.textContent = '';
    try {
      await work();
      draw(await api.listMembers(channel.channelId));
    } catch (failure) {
      error.textContent = failure.message;
    }
  };
  const add = (userId) => attempt(() => workspace.addMember(channel.channelId, userId));
  const remove = (userId) => attempt(() => workspace.removeMember(channel.channelId, userId));
  const draw = (members) => {
    const inside = new Set(members.map(({ userId }) => userId));
    keep(byId('member-list'), members.map((member) => ({
      key: member.userId,
      stamp: `${member.displayName} ${member.role} ${avatarStamp(member)}`,
      make: () => element(
        'li',
        { 'data-testid': 'member', 'data-user-id': member.userId },
        ...personLine(member, workspace),
        isMember && workspace.administers && member.userId !== workspace.me.userId
          ? button('Remove', () => remove(member.userId), { 'aria-label': `Remove ${member.displayName}`, 'data-testid': 'remove-member' })
          : null,
      ),
    })));
    const others = [...workspace.people.values()].filter(({ userId, active }) => active && !inside.has(userId));
    keep(byId('candidate-list'), (isMember ? others : []).map((person) => ({
      key: person.userId,
      stamp: `${person.displayName} ${avatarStamp(person)}`,
      make: () => element(
        'li',
        { 'data-testid': 'candidate', 'data-user-id': person.userId },
        avatarElement(person),
        element('bdi', { className: 'name' }, person.displayName),
        button('Add', () => add(person.userId), { 'aria-label': `Add ${person.displayName}`, 'data-testid': 'add-member' }),
      ),
    })));
  };
  openDialog(dialog);
  await attempt(() => workspace.refreshDirectory());
}

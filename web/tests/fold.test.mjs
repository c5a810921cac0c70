// The page's own fold, by the rules of crates/domain/src/fold.rs. Run: node --test web/tests

import assert from 'node:assert/strict';
import test from 'node:test';

import {
  advanceCursor, comparePositions, fold, formatCursor, mergeCursors, parseCursor, parsePosition, uuidV7,
} from '../static/fold.js';
import { Timeline } from '../static/timeline.js';

const CREATED = 'THREAD_MESSAGE_CREATED';
const EDITED = 'THREAD_MESSAGE_EDITED';
const DELETED = 'THREAD_MESSAGE_DELETED';
const at = (offset, epoch = 1) => ({ epoch, partition: 0, offset });
const data = (messageId, text, parentMessageId) => ({ messageId, channelId: 'c', userId: `by ${text}`, text, parentMessageId });
const TIME = '2026-01-01T00:00:00Z';

function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('the first created and the last edit win, deletion is terminal, a replay of any part changes nothing', () => {
  for (let seed = 0; seed < 500; seed += 1) {
    const next = random(seed);
    const events = Array.from({ length: next(15) }, (_, i) => [[CREATED, EDITED, DELETED][next(3)], data('m', `text ${i}`), at(i), TIME]);
    const once = events.reduce((message, event) => fold(message, ...event), undefined);
    const cut = next(events.length + 1);
    const twice = events.slice(cut).reduce((message, event) => fold(message, ...event), once);
    if (once) assert.equal(twice, once);

    const first = events.findIndex(([kind]) => kind === CREATED);
    assert.equal(once?.created.offset, first < 0 ? undefined : first);
    const end = events.findIndex(([kind], i) => i > first && kind === DELETED);
    const live = events.slice(first + 1, end < 0 ? undefined : end).filter(([kind]) => kind === EDITED);
    if (first >= 0) {
      assert.equal(once.deletedAt !== null, end >= 0);
      assert.equal(once.userId, `by text ${first}`);
      if (end < 0) assert.equal(once.text, live.at(-1)?.[1].text ?? `text ${first}`);
    }
  }
});

test('positions and cursors round trip, foreign texts are refused', () => {
  assert.deepEqual(parsePosition('p1.0.4711'), at(4711));
  assert.equal(formatCursor(parseCursor('c1.4711.320')), 'c1.4711.320');
  for (const text of ['', 'p1.2', 'p1.2.-3', 'c1', 'c1.', 'x1.2.3', null]) {
    assert.ok(!parsePosition(text) && !parseCursor(text), String(text));
  }
  assert.ok(comparePositions(at(0, 2), at(9, 1)) > 0);
});

test('a cursor only ever moves on, within its epoch', () => {
  const cursor = parseCursor('c1.10.5');
  assert.equal(formatCursor(advanceCursor(cursor, at(12))), 'c1.13.5');
  assert.equal(advanceCursor(cursor, at(3)), cursor);
  assert.equal(advanceCursor(cursor, at(50, 2)), cursor);
  assert.equal(advanceCursor(cursor, { epoch: 1, partition: 7, offset: 1 }), cursor);
  assert.equal(formatCursor(mergeCursors(cursor, parseCursor('c1.8.9'))), 'c1.10.9');
  assert.equal(formatCursor(mergeCursors(cursor, parseCursor('c2.0.0'))), 'c2.0.0');
  assert.equal(mergeCursors(cursor, null), cursor);
});

test('an id is a version 7 UUID of its moment', () => {
  const id = uuidV7(0x0123_4567_89ab);
  assert.match(id, /^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(uuidV7(), uuidV7());
});

const item = (messageId, offset, more = {}) => ({
  messageId, channelId: 'c', parentMessageId: null, userId: 'u', text: messageId, createdAt: TIME, editedAt: null,
  deletedAt: null, position: `p1.0.${offset}`, changedPosition: `p1.0.${offset}`, replyCount: 0, ...more,
});

test('a page and live events overlap without doubles, in the order of the log', () => {
  const timeline = new Timeline('c');
  timeline.apply(CREATED, data('b', 'b'), at(2), TIME);
  timeline.addNewest({ items: [item('b', 2), item('a', 1)], nextCursor: null }, at(2));
  timeline.apply(CREATED, data('a', 'a'), at(1), TIME);
  timeline.apply(CREATED, data('c', 'c'), at(3), TIME);
  assert.deepEqual(timeline.roots().map(({ messageId }) => messageId), ['a', 'b', 'c']);
});

test('an edit that overtakes the page of its message is not lost', () => {
  const timeline = new Timeline('c');
  timeline.apply(EDITED, data('a', 'newer'), at(5), TIME);
  timeline.addNewest({ items: [item('a', 1)], nextCursor: null }, at(4));
  assert.equal(timeline.get('a').text, 'newer');
  timeline.addNewest({ items: [item('a', 1)], nextCursor: null }, at(4));
  assert.equal(timeline.get('a').text, 'newer');
});

test('replies are counted once, whether a list or an event tells of them first', () => {
  const timeline = new Timeline('c');
  timeline.addNewest({ items: [item('a', 1, { replyCount: 2 })], nextCursor: null }, at(4));
  timeline.apply(CREATED, data('r2', 'r2', 'a'), at(3), TIME);
  assert.equal(timeline.replyCount('a'), 2);
  timeline.apply(CREATED, data('r3', 'r3', 'a'), at(5), TIME);
  assert.equal(timeline.replyCount('a'), 3);
  timeline.addNewest({ items: [item('a', 1, { replyCount: 3 })], nextCursor: null }, at(5));
  assert.equal(timeline.replyCount('a'), 3);
  timeline.apply(DELETED, data('r3'), at(6), TIME);
  assert.equal(timeline.replyCount('a'), 2);
  assert.equal(timeline.apply(DELETED, data('r1'), at(7), TIME).recount, true);
});

test('a newest page without a bridge to what is known leaves no hole', () => {
  const timeline = new Timeline('c');
  timeline.addNewest({ items: [item('a', 1)], nextCursor: null }, at(1));
  timeline.addNewest({ items: [item('y', 90)], nextCursor: 's9' }, at(90));
  assert.deepEqual(timeline.roots().map(({ messageId }) => messageId), ['y']);
  assert.equal(timeline.olderCursor, 's9');
});

// From events to messages: the same rules as crates/domain/src/fold.rs. No IO, no DOM.
//
// The first CREATED of an id fixes author, thread and place; the last edit wins; deletion is terminal. An event at or
// before the place of the last change is a replay and changes nothing, so that nothing shows twice.

/** Reads `p{epoch}.{partition}.{offset}`. */
export function parsePosition(text) {
  const match = /^p(\d+)\.(\d+)\.(\d+)$/.exec(text ?? '');
  return match && { epoch: Number(match[1]), partition: Number(match[2]), offset: Number(match[3]) };
}

/** The order of places in one channel; an older epoch stands before all of a newer one. */
export function comparePositions(a, b) {
  return a.epoch - b.epoch || a.offset - b.offset;
}

/** Whether `a` stands after `b`; everything stands after nothing. */
export function isAfter(a, b) {
  return !b || comparePositions(a, b) > 0;
}

/** Reads `c{epoch}.{next of partition 0}.{next of partition 1}…`. */
export function parseCursor(text) {
  const match = /^c(\d+)((?:\.\d+)+)$/.exec(text ?? '');
  return match && { epoch: Number(match[1]), next: match[2].slice(1).split('.').map(Number) };
}

/** The text of a cursor. */
export function formatCursor({ epoch, next }) {
  return `c${[epoch, ...next].join('.')}`;
}

/** What the reader of both cursors has seen. */
export function mergeCursors(a, b) {
  if (!a || !b || a.epoch !== b.epoch) {
    return (b?.epoch ?? -1) > (a?.epoch ?? -1) ? b : a;
  }
  const [long, short] = a.next.length >= b.next.length ? [a, b] : [b, a];
  return { epoch: a.epoch, next: long.next.map((next, i) => Math.max(next, short.next[i] ?? 0)) };
}

/** The cursor moved past a place; one of another epoch or partition changes nothing. */
export function advanceCursor(cursor, position) {
  if (!cursor || cursor.epoch !== position.epoch || !(cursor.next[position.partition] <= position.offset)) {
    return cursor;
  }
  return { epoch: cursor.epoch, next: cursor.next.with?.(position.partition, position.offset + 1)
    ?? cursor.next.map((next, i) => (i === position.partition ? position.offset + 1 : next)) };
}

/**
 * Applies one event to what is known of its message, which may be nothing.
 * Answers the message afterwards; the very same object if the event changed nothing.
 */
export function fold(message, kind, data, position, time) {
  switch (kind) {
    case 'THREAD_MESSAGE_CREATED':
      return message ?? {
        messageId: data.messageId,
        channelId: data.channelId,
        parentMessageId: data.parentMessageId ?? null,
        userId: data.userId,
        text: data.text,
        createdAt: time,
        editedAt: null,
        deletedAt: null,
        created: position,
        changed: position,
      };
    case 'THREAD_MESSAGE_EDITED':
      return canChange(message, position) ? { ...message, text: data.text, editedAt: time, changed: position } : message;
    case 'THREAD_MESSAGE_DELETED':
      return canChange(message, position) ? { ...message, text: null, deletedAt: time, changed: position } : message;
    default:
      return message;
  }
}

function canChange(message, position) {
  return Boolean(message) && message.deletedAt === null && isAfter(position, message.changed);
}

/** A message as a list tells it, unless what is known is newer. */
export function foldItem(message, item) {
  const changed = parsePosition(item.changedPosition);
  if (message && !isAfter(changed, message.changed)) return message;
  const { messageId, channelId, parentMessageId, userId, text, createdAt, editedAt, deletedAt } = item;
  return {
    messageId, channelId, parentMessageId, userId, text, createdAt, editedAt, deletedAt,
    created: parsePosition(item.position),
    changed,
  };
}

/** A fresh UUIDv7 (RFC 9562). Not crypto.randomUUID, which is missing on plain http. */
export function uuidV7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 5, rest = now; i >= 0; i -= 1, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

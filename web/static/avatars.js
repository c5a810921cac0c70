// Pictures of people: each is asked for once and kept by its digest.

import * as api from './api.js';
import { byId, element, openDialog } from './view.js';

/** Pictures kept at most; the oldest goes first. */
const MAX_KEPT = 300;
/** Pixels of a side; what somebody chooses is cut to a square of it. */
const SIDE = 256;

const kept = new Map();

/** What changes when a person's picture does. */
export const avatarStamp = (person) => person?.avatar?.digest ?? '';

/** A person's picture, or the first letter of their name. Decoration: the name stands beside it. */
export function avatarElement(person) {
  const letter = [...(person?.displayName ?? '')][0] ?? '';
  const digest = person?.avatar?.digest;
  const about = { className: 'avatar', 'aria-hidden': 'true', 'data-testid': 'avatar', 'data-digest': digest };
  const place = element('span', about, letter.toLocaleUpperCase());
  if (digest) {
    load(person.userId, digest).then((src) => place.replaceChildren(element('img', { src, alt: '' })), () => {});
  }
  return place;
}

function load(userId, digest) {
  if (!kept.has(digest)) {
    const loading = api.getAvatar(userId, digest).then((blob) => URL.createObjectURL(blob));
    kept.set(digest, loading);
    // What failed is asked for again when it is drawn again.
    loading.catch(() => kept.delete(digest));
    if (kept.size > MAX_KEPT) forget(kept.keys().next().value);
  }
  return kept.get(digest);
}

function forget(digest) {
  const loading = kept.get(digest);
  kept.delete(digest);
  loading.then((url) => URL.revokeObjectURL(url), () => {});
}

/** The middle of a chosen picture as a small square; whatever else the file held is left behind. */
async function square(file) {
  const picture = await createImageBitmap(file).catch(() => {
    throw new Error('That file is not a picture.');
  });
  const side = Math.min(picture.width, picture.height);
  const canvas = element('canvas', { width: SIDE, height: SIDE });
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
  canvas.getContext('2d').drawImage(picture, left, top, side, side, 0, 0, SIDE, SIDE);
  picture.close();
  return new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
}

/** Shows the caller's picture, and lets them set another or none. */
export function pictureDialog(workspace) {
  const dialog = byId('picture-dialog');
  const file = byId('picture-file');
  const remove = byId('picture-remove');
  const error = dialog.querySelector('.error');
  const draw = () => {
    byId('picture-shown').replaceChildren(avatarElement(workspace.me));
    remove.hidden = !workspace.me.avatar;
  };
  const attempt = async (work) => {
    error.textContent = '';
    for (const control of [file, remove]) control.disabled = true;
    try {
      await work();
      await workspace.refreshDirectory();
    } catch (failure) {
      error.textContent = failure.message || 'That did not work.';
    }
    for (const control of [file, remove]) control.disabled = false;
    file.value = '';
    draw();
  };
  error.textContent = '';
  file.onchange = () => file.files[0] && attempt(async () => api.setAvatar(await square(file.files[0])));
  remove.onclick = () => attempt(api.deleteAvatar);
  draw();
  openDialog(dialog);
}

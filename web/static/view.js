// Making and keeping elements. All text goes in by textContent: nothing anybody writes is ever read as HTML.

/** The page's element of this id. */
export const byId = (id) => document.getElementById(id);

/** An element with properties, attributes (`aria-…`, `data-…`, `role`) and children; a string is text. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.includes('-') || key === 'role' || key === 'dir') made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A button that does something. */
export function button(text, onclick, properties = {}) {
  return element('button', { type: 'button', className: 'quiet', ...properties, onclick }, text);
}

/**
 * Makes `parent`'s children those of `items`, moving and touching only what differs, so that focus and selection stay.
 * An item is {key, stamp, make}; an element is made again only when its stamp differs.
 */
export function keep(parent, items) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let next = parent.firstElementChild;
  for (const { key, stamp, make } of items) {
    let child = old.get(key);
    old.delete(key);
    if (!child || child.dataset.stamp !== stamp) {
      const fresh = make();
      fresh.dataset.key = key;
      fresh.dataset.stamp = stamp;
      if (child) {
        if (child === next) next = fresh;
        const focused = child.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
        child.replaceWith(fresh);
        if (focused) fresh.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
      }
      child = fresh;
    }
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  for (const gone of old.values()) gone.remove();
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });
const BOTH = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A moment as a `time` element. */
export function timeElement(text, className) {
  const date = new Date(text);
  return element('time', { dateTime: text, className, title: BOTH.format(date) }, TIME.format(date));
}

/** The day of a moment, for people. */
export function dayOf(text) {
  const date = new Date(text);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return 'Today';
  return days === 1 ? 'Yesterday' : DAY.format(date);
}

/** Runs `work` soon, once for however many calls come until then. */
export function soon(work) {
  let waiting = 0;
  return () => {
    waiting ||= setTimeout(() => {
      waiting = 0;
      work();
    }, 16);
  };
}

let toastTimer = 0;

/** Tells of something that went wrong, for a few seconds. */
export function toast(text) {
  const place = byId('toast');
  place.textContent = text;
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { place.hidden = true; }, 6_000);
}

/** Opens a dialog; its `data-close` buttons and Escape close it. */
export function openDialog(dialog) {
  for (const close of dialog.querySelectorAll('[data-close]')) close.onclick = () => dialog.close();
  dialog.showModal();
}

/** A text box that grows with its text; Enter sends, Shift + Enter starts a new line. */
export function composer(form, onSend, onKey = () => {}) {
  const box = form.querySelector('textarea');
  const grow = () => {
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight + 2, 240)}px`;
  };
  box.addEventListener('input', grow);
  box.addEventListener('keydown', (event) => {
    // While an input method composes, Enter belongs to it.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    } else {
      onKey(event, box);
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = box.value.trimEnd();
    if (!text.trim()) return;
    box.value = '';
    grow();
    box.focus();
    onSend(text);
  });
  return box;
}

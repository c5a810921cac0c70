// Signing in: by the ticket of a link, as somebody this browser knows, or by the form.

import * as api from './api.js';
import { uuidV7 } from './fold.js';
import { byId, element } from './view.js';

const form = byId('sign-in-form');
const error = byId('sign-in-error');
const submit = byId('sign-in-submit');

/** Redeems a `#ticket=…` and takes it out of the address bar first, so that nobody reads it there or goes back to it. */
export async function redeemTicket() {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
  if (!ticket) return;
  history.replaceState(null, '', location.pathname + location.search);
  try {
    await api.redeem(ticket);
  } catch (failure) {
    error.textContent = `The sign-in link did not work: ${failure.message}`;
  }
}

/** Shows the form until somebody is signed in. */
export function showWelcome(onSignedIn) {
  const handle = location.pathname.split('/').filter(Boolean).at(-1) ?? '';
  byId('welcome-workspace').textContent = handle;
  document.title = `Sign in – ${handle} – Threadly`;
  byId('app').hidden = true;
  byId('welcome').hidden = false;
  const done = () => {
    byId('welcome').hidden = true;
    form.reset();
    error.textContent = '';
    showMode();
    onSignedIn();
  };
  showKnown(done);
  form.onsubmit = (event) => {
    event.preventDefault();
    signIn(done);
  };
  form.elements.email.focus();
}

function showKnown(done) {
  const known = api.session.known();
  byId('known-sessions').hidden = known.length === 0;
  byId('known-sessions').replaceChildren(...known.map(({ name, user }) => {
    const onclick = () => { api.session.adopt(name); done(); };
    return element('button', { type: 'button', className: 'quiet wide', onclick }, 'Go on as ', element('bdi', {}, user.displayName));
  }));
}

const registering = () => form.elements.mode.value === 'register';

function showMode() {
  const register = registering();
  byId('display-name-label').hidden = !register;
  form.elements.displayName.required = register;
  form.elements.password.autocomplete = register ? 'new-password' : 'current-password';
  submit.textContent = register ? 'Create account' : 'Sign in';
  submit.dataset.testid = register ? 'register' : 'sign-in';
}

for (const mode of form.elements.mode) mode.addEventListener('change', showMode);

/** Made once per form, so that a repeated press after a lost answer names the same account. */
let newUserId = uuidV7();

async function signIn(done) {
  const { email, password, displayName } = form.elements;
  error.textContent = '';
  for (const field of [displayName, email, password]) field.removeAttribute('aria-invalid');
  const missing = [displayName, email, password].find((field) => field.required && !field.value.trim());
  if (missing) return point(missing, 'Please fill this in.');
  submit.disabled = true;
  try {
    if (registering()) {
      const account = { userId: newUserId, email: email.value.trim(), password: password.value, displayName: displayName.value.trim() };
      await api.register(account);
      newUserId = uuidV7();
    } else {
      await api.signIn(email.value.trim(), password.value);
    }
    done();
  } catch (failure) {
    point(form.elements[failure.field] ?? null, failure.message);
  } finally {
    submit.disabled = false;
  }
}

function point(field, text) {
  error.textContent = text;
  if (!field) return;
  field.setAttribute('aria-invalid', 'true');
  field.setAttribute('aria-describedby', error.id);
  field.focus();
}

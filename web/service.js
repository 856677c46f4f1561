// Requests to this service. Where it wants a key, the person is asked for one, and the request goes out again.

/** An answer that is an error, in the service's own words. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `The service answered ${status}.`);
    this.status = status;
    this.code = body.code ?? '';
    this.retryAfter = Number(body.retryAfter) || 0;
  }
}

const kKey = 'curlew.key';

/** What is kept of the person's own, where the browser keeps anything. */
export function kept(storage, name, value) {
  try {
    if (value === undefined) return storage().getItem(name);
    if (value === null) storage().removeItem(name);
    else storage().setItem(name, value);
  } catch {
    // then it is not kept
  }
  return value ?? null;
}

let key = kept(() => sessionStorage, kKey);
let asking = null;

function askForKey(isWrong) {
  if (asking) return asking;
  const form = document.getElementById('key');
  const field = document.getElementById('key-value');
  const note = document.getElementById('key-note');
  form.hidden = false;
  if (isWrong) note.textContent = 'The service does not know this key.';
  field.value = '';
  field.focus();
  asking = new Promise((resolve) => {
    const take = (event) => {
      event.preventDefault();
      const value = field.value.trim();
      if (!/^[!-~]+$/.test(value)) {
        note.textContent = 'A key has letters, digits and signs, and no spaces.';
        return;
      }
      form.removeEventListener('submit', take);
      form.hidden = true;
      key = kept(() => sessionStorage, kKey, value);
      asking = null;
      resolve();
    };
    form.addEventListener('submit', take);
  });
  return asking;
}

async function problemOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // whoever answered was no Curlew
  }
  return new Problem(response.status, {...body, retryAfter: response.headers.get('Retry-After')});
}

/** The answer to a request, which is a good one. Throws a Problem, or a TypeError where there is no answer. */
export async function ask(path, {method = 'GET', body, json, headers = {}, signal} = {}) {
  for (;;) {
    const sent = {...headers};
    if (json !== undefined) sent['Content-Type'] = 'application/json';
    const used = key;
    if (used) sent.Authorization = `Bearer ${used}`;
    const response = await fetch(path, {
      method,
      headers: sent,
      body: json === undefined ? body : JSON.stringify(json),
      signal,
      credentials: 'omit',
      cache: 'no-store',
    });
    if (response.ok) return response;
    if (response.status !== 401) throw await problemOf(response);
    if (used === key) await askForKey(Boolean(used)); // else another request has asked meanwhile
  }
}

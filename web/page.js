// The page: from what a person gives it to a board of results.
import {Board} from './board.js';
import {followBatch} from './events.js';
import {forgetOne, isBatchId, remember, showRecent} from './recent.js';
import {ask, Problem} from './service.js';
import {kMostBytes, sendFiles} from './uploads.js';

const by = (id) => document.getElementById(id);
const board = new Board();
let running = new AbortController(); // what the board shows
let models = [];

const task = () => document.querySelector('input[name=task]:checked').value;

function tell(text) {
  by('trouble').textContent = text;
  by('trouble').hidden = !text;
}

const wordsOf = (error) => (error instanceof Problem ? error.message
  : 'The service cannot be reached. Is it running, and is the network there?');

/** Ends what runs and begins something else; errors of that are told, unless it was ended itself. */
async function begin(work) {
  running.abort();
  running = new AbortController();
  const {signal} = running;
  tell('');
  by('results').setAttribute('aria-busy', 'true');
  by('link').hidden = by('copy').hidden = by('stop').hidden = true;
  try {
    await work(signal);
  } catch (error) {
    if (signal.aborted) return;
    tell(wordsOf(error));
  } finally {
    if (!signal.aborted) {
      by('stop').hidden = true;
      by('results').setAttribute('aria-busy', 'false');
    }
  }
}

function showModels() {
  const select = by('model');
  const before = select.value;
  const options = models.filter((model) => model.task === task() && model.status !== 'unavailable');
  select.replaceChildren(new Option('The service’s own choice', ''));
  for (const {name, title} of options) select.append(new Option(title ? `${name}: ${title}` : name, name));
  select.value = options.some(({name}) => name === before) ? before : '';
}

async function loadModels() {
  try {
    ({models} = await (await ask('/v1/models')).json());
    showModels();
  } catch (error) {
    tell(wordsOf(error));
  }
}

function showLink(id) {
  const link = by('link');
  link.href = `/#batch=${id}`;
  link.hidden = false;
  by('copy').hidden = !navigator.clipboard; // browsers have it on safe connections only
}

/** Follows a batch that the board shows already. */
async function follow(batch, signal) {
  showLink(batch.id);
  by('stop').hidden = batch.status === 'done' || batch.status === 'cancelled';
  by('stop').onclick = () => ask(`/v1/batches/${batch.id}`, {method: 'DELETE'}).catch((error) => tell(wordsOf(error)));
  await followBatch(batch.id, {
    signal,
    onResult: (result) => {
      tell('');
      board.put(result);
    },
    onWait: () => tell('The connection broke off. Trying again…'),
  });
  tell('');
  board.finish();
}

function sendUrls(urls) {
  return begin(async (signal) => {
    const order = {urls, task: task(), thumbnail: true, ...(by('model').value && {model: by('model').value})};
    const batch = await (await ask('/v1/batches', {method: 'POST', json: order, signal})).json();
    history.pushState(null, '', `/#batch=${batch.id}`);
    remember({id: batch.id, task: batch.task, total: batch.total, first: urls[0].slice(0, 200), at: batch.created_at});
    board.begin({total: batch.total, task: batch.task, names: urls});
    by('results-title').focus();
    await follow(batch, signal);
  });
}

function openBatch(id) {
  return begin(async (signal) => {
    try {
      const batch = await (await ask(`/v1/batches/${id}`, {signal})).json();
      board.begin({total: batch.total, task: batch.task});
      await follow(batch, signal);
    } catch (error) {
      if (error instanceof Problem && (error.status === 404 || error.status === 410)) forgetOne(id);
      throw error;
    }
  });
}

function takeFiles(given) {
  const files = [...given];
  if (files.length === 0) return undefined;
  if (location.hash) history.pushState(null, '', '/');
  return begin(async (signal) => {
    board.begin({total: files.length, task: task(), names: files.map((file) => file.name), files});
    by('results-title').focus();
    by('stop').hidden = false;
    const stop = new AbortController();
    by('stop').onclick = () => stop.abort();
    for (const [index, file] of files.entries()) {
      if (file.size <= kMostBytes) continue;
      const error = {code: 'too_large', message: 'It is larger than what can be sent at once.', retryable: false};
      board.put({index, url: file.name, status: 'error', error, timings_ms: {}});
    }
    try {
      await sendFiles(files, {
        task: board.task,
        model: by('model').value,
        signal: AbortSignal.any([signal, stop.signal]),
        onResult: (result) => board.put(result),
      });
    } catch (error) {
      if (signal.aborted) return;
      if (stop.signal.aborted) board.giveUp('cancelled', 'It was stopped before it was looked at.');
      else board.giveUp(...(error instanceof Problem ? [error.code, error.message] : ['connection', wordsOf(error)]));
      if (!stop.signal.aborted) tell(wordsOf(error));
    }
    board.finish();
  });
}

function filesOf(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === 'file' && !item.webkitGetAsEntry?.()?.isDirectory);
  return entries.map((item) => item.getAsFile()).filter(Boolean);
}

function listenForDrops() {
  let depth = 0; // enter and leave come for every element on the way
  const mark = (by_) => {
    depth = Math.max(0, depth + by_);
    document.body.classList.toggle('dropping', depth > 0);
  };
  addEventListener('dragenter', (event) => {
    event.preventDefault();
    mark(1);
  });
  addEventListener('dragleave', () => mark(-1));
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', (event) => {
    event.preventDefault();
    mark(-depth);
    const files = filesOf(event.dataTransfer);
    if (files.length) return takeFiles(files);
    const text = event.dataTransfer.getData('text/uri-list') || event.dataTransfer.getData('text/plain');
    if (text) by('urls').value = [by('urls').value.trim(), text.trim()].filter(Boolean).join('\n');
    return undefined;
  });
  addEventListener('paste', (event) => {
    if (event.clipboardData?.files.length) takeFiles(event.clipboardData.files);
  });
}

function openHash() {
  const id = location.hash.replace(/^#batch=/, '');
  if (isBatchId(id)) openBatch(id);
  else if (location.hash.startsWith('#batch=')) tell('There is no list under this link.');
}

by('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  const urls = by('urls').value.split(/\s+/).filter(Boolean);
  if (urls.length) return sendUrls(urls);
  tell('Paste the address of a picture first, or choose a file.');
  by('urls').focus();
  return undefined;
});
by('files').addEventListener('change', (event) => {
  takeFiles(event.target.files);
  event.target.value = ''; // the same file may be chosen again
});
by('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(by('link').href);
  by('said').textContent = 'The link is copied';
});
for (const radio of document.querySelectorAll('input[name=task]')) radio.addEventListener('change', showModels);
addEventListener('hashchange', openHash);

listenForDrops();
showRecent();
loadModels();
openHash();

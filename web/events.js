// Server-sent events by fetch, which can send a key; a batch's events go on where they broke off.
import {ask, Problem} from './service.js';

const kSilenceMs = 35_000; // the service says something every ten seconds
const kLongestWaitMs = 15_000;

/** The events of a stream as {event, id, data}, data being parsed. `heard` is called with each piece that comes. */
export async function* eventsOf(response, heard = () => {}) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let fields = {event: 'message', id: '', data: []};
  try {
    for (;;) {
      const {value, done} = await reader.read();
      if (done) return;
      heard();
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const ended of lines) {
        const line = ended.endsWith('\r') ? ended.slice(0, -1) : ended;
        if (line === '') {
          if (fields.data.length) yield {...fields, data: JSON.parse(fields.data.join('\n'))};
          fields = {event: 'message', id: '', data: []};
          continue;
        }
        const colon = line.indexOf(':');
        if (colon === 0) continue; // a comment: the stream is alive
        const name = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (name === 'data') fields.data.push(text);
        else if (name === 'event' || name === 'id') fields[name] = text;
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // it may be broken already
  }
}

function waited(ms, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal.addEventListener('abort', end, {once: true});
  });
}

/** One connection's events; ends it where nothing comes for too long, as after a phone has slept. */
async function* connection(path, lastId, signal) {
  const silence = new AbortController();
  let timer;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), kSilenceMs);
  };
  heard();
  try {
    const headers = {Accept: 'text/event-stream', ...(lastId && {'Last-Event-ID': lastId})};
    const response = await ask(path, {headers, signal: AbortSignal.any([signal, silence.signal])});
    yield* eventsOf(response, heard);
  } finally {
    clearTimeout(timer);
  }
}

const passes = (error) => !(error instanceof Problem) || error.status >= 500 || error.status === 429;

/** Follows a batch to its end and returns it; `onResult` gets each result once, `onWait` hears of each break. */
export async function followBatch(id, {signal, onResult, onWait}) {
  let lastId = '';
  let waitMs = 1000;
  for (;;) {
    let atLeastMs = 0;
    try {
      for await (const event of connection(`/v1/batches/${id}/events`, lastId, signal)) {
        waitMs = 1000;
        if (event.id) lastId = event.id;
        if (event.event === 'result') onResult(event.data);
        if (event.event === 'done') return event.data;
      }
    } catch (error) {
      if (signal.aborted || !passes(error)) throw error;
      atLeastMs = (error.retryAfter ?? 0) * 1000;
    }
    onWait();
    await waited(Math.max(waitMs, atLeastMs), signal);
    waitMs = Math.min(waitMs * 2, kLongestWaitMs);
  }
}

// The lists that were sent from this browser, kept in it alone.
import {element} from './cards.js';
import {kept} from './service.js';
import {plural, taskName} from './words.js';

const kName = 'curlew.recent';
const kMost = 12;
const by = (id) => document.getElementById(id);
export const isBatchId = (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

function read() {
  try {
    const list = JSON.parse(kept(() => localStorage, kName) ?? '[]');
    return Array.isArray(list) ? list.filter((entry) => isBatchId(entry?.id ?? '')).slice(0, kMost) : [];
  } catch {
    return []; // not what was written here
  }
}

function show(list) {
  by('recent').hidden = list.length === 0;
  by('recent-list').replaceChildren(...list.map(({id, task, total, first, at}) => {
    const when = new Date(at);
    const time = Number.isNaN(when.valueOf()) ? ''
      : when.toLocaleString(undefined, {dateStyle: 'medium', timeStyle: 'short'});
    return element('li', {},
      element('a', {href: `#batch=${id}`, text: `${plural(Number(total) || 0, 'picture', 'pictures')}: ${first ?? ''}`}),
      element('span', {text: [taskName(task), time].filter(Boolean).join(', ')}));
  }));
}

export function remember(entry) {
  const list = [entry, ...read().filter(({id}) => id !== entry.id)].slice(0, kMost);
  kept(() => localStorage, kName, JSON.stringify(list));
  show(list);
}

export function forgetOne(id) {
  const list = read().filter((entry) => entry.id !== id);
  kept(() => localStorage, kName, JSON.stringify(list));
  show(list);
}

export function showRecent() {
  show(read());
  by('forget').addEventListener('click', () => {
    kept(() => localStorage, kName, null);
    show([]);
    by('said').textContent = 'The recent lists are forgotten';
    by('urls').focus();
  });
}

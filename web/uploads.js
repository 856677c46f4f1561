// Files go to the service in groups that fit into one request, one group after the other.
import {eventsOf} from './events.js';
import {ask} from './service.js';

const kGroupBytes = 24 << 20;
const kGroupFiles = 16;
export const kMostBytes = 39 << 20; // a form may have 40 MiB

/** Files by their numbers in groups; those that no request could carry are left out. */
export function groupsOf(files) {
  const groups = [];
  let bytes = Infinity;
  for (const [index, file] of files.entries()) {
    if (file.size > kMostBytes) continue;
    if (bytes + file.size > kGroupBytes || groups.at(-1).length === kGroupFiles) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1).push(index);
    bytes += file.size;
  }
  return groups;
}

/** Sends the files and hands over each result as it comes, under its file's number. */
export async function sendFiles(files, {task, model, signal, onResult}) {
  for (const group of groupsOf(files)) {
    const form = new FormData();
    if (model) form.append('model', model);
    for (const index of group) form.append('file', files[index], files[index].name || 'picture');
    const response = await ask(`/v1/${task}`, {
      method: 'POST', body: form, headers: {Accept: 'text/event-stream'}, signal});
    let isWhole = false;
    for await (const event of eventsOf(response)) {
      if (event.event === 'result') onResult({...event.data, index: group[event.data.index]});
      isWhole ||= event.event === 'summary';
    }
    if (!isWhole) throw new TypeError('the stream broke off');
  }
}

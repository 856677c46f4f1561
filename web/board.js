// The results of one list: its cards, its numbers, what was said of it, its downloads.
import {Card} from './cards.js';
import {resultsAsCsv, resultsAsJson, save} from './downloads.js';
import {thumbnailOf} from './thumbnails.js';
import {progressText} from './words.js';

const kCards = 120; // at once; more are shown when they are asked for
const kSayEveryMs = 5000;
const by = (id) => document.getElementById(id);

export class Board {
  constructor() {
    by('more').addEventListener('click', () => this.showMore());
    by('csv').addEventListener('click', () => this.download('csv', 'text/csv', resultsAsCsv));
    by('json').addEventListener('click', () => this.download('json', 'application/json', resultsAsJson));
    this.end = new AbortController();
    this.urls = [];
  }

  /** Begins anew: `total` pictures, called `names` where that is known, of `files` where they are some. */
  begin({total, task, names = [], files = []}) {
    this.end.abort();
    for (const url of this.urls) URL.revokeObjectURL(url);
    Object.assign(this, {total, task, names, files, urls: [], results: new Map(), cards: [], failed: 0, saidAt: 0});
    this.end = new AbortController();
    by('cards').replaceChildren();
    by('results').hidden = false;
    this.isOver = false;
    this.showMore();
    this.showProgress();
  }

  showMore() {
    const until = Math.min(this.total, this.cards.length + kCards);
    for (let index = this.cards.length; index < until; ++index) {
      const card = new Card(index, this.names[index]);
      this.cards.push(card);
      by('cards').append(card.root);
      if (this.files[index]) this.showThumbnail(card, this.files[index]);
      if (this.results.has(index)) card.showResult(this.results.get(index), this.task);
    }
    by('more').hidden = until >= this.total;
  }

  async showThumbnail(card, file) {
    const {signal} = this.end;
    const small = await thumbnailOf(file, signal);
    if (!small) return;
    if (signal.aborted) return URL.revokeObjectURL(small.url);
    this.urls.push(small.url);
    card.showPicture(small.url, small.width, small.height);
  }

  put(result) {
    if (this.results.has(result.index)) return;
    this.results.set(result.index, result);
    if (result.status !== 'ok') ++this.failed;
    this.cards[result.index]?.showResult(result, this.task);
    this.showProgress();
  }

  /** An error of this page's own for every picture that has no result. */
  giveUp(code, message) {
    for (let index = 0; index < this.total; ++index) {
      const url = this.names[index] ?? '';
      this.put({index, url, status: 'error', error: {code, message, retryable: true}, timings_ms: {}});
    }
  }

  finish() {
    this.isOver = true;
    this.showProgress();
  }

  get numbers() {
    return {total: this.total, done: this.results.size, failed: this.failed};
  }

  showProgress() {
    const text = progressText(this.numbers, this.isOver);
    by('counts').textContent = text;
    by('progress').max = Math.max(1, this.total);
    by('progress').value = this.results.size;
    by('progress').hidden = this.isOver;
    const now = performance.now();
    if (!this.isOver && now - this.saidAt < kSayEveryMs) return; // who listens is not to be talked over
    this.saidAt = now;
    by('said').textContent = this.isOver ? `Done: ${text}` : text;
  }

  inOrder() {
    return [...this.results.values()].sort((a, b) => a.index - b.index);
  }

  download(suffix, type, encode) {
    save(`curlew-${this.task}.${suffix}`, type, encode(this.inOrder(), this.task));
  }
}

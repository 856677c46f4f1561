// One picture's card. Whatever comes from outside goes in as text.
import {sentThumbnail} from './thumbnails.js';
import {errorTitle, percent, plural, shortName} from './words.js';

const kShown = 3;
const kBoxesDrawn = 60;
const kHues = 8; // colours of boxes in page.css

export function element(name, {className, text, ...rest} = {}, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(rest)) made.setAttribute(key, value);
  made.append(...children.filter(Boolean));
  return made;
}

/** A label; of a list of names for the same thing, as ImageNet has them, the first one stands out. */
function labelOf(text) {
  const comma = String(text).indexOf(', ');
  if (comma < 0) return element('span', {className: 'label', text});
  return element('span', {className: 'label', text: text.slice(0, comma)},
    element('span', {className: 'synonyms', text: text.slice(comma)}));
}

const isSize = (n) => Number.isFinite(n) && n > 0;

/** A card that waits for its result. `name` is an address or a file's name. */
export class Card {
  constructor(index, name) {
    this.stage = element('div', {className: 'stage'});
    this.name = element('h3', {className: 'name'});
    this.body = element('div', {className: 'answer'});
    const frame = element('div', {className: 'frame'}, this.stage);
    this.root = element('li', {className: 'card'}, frame, element('div', {className: 'about'}, this.name, this.body));
    this.setName(name ?? `Picture ${index + 1}`, name);
    this.setState('waiting');
    this.body.append(element('p', {className: 'waits', text: 'waiting'}));
  }

  setState(state) {
    this.root.dataset.state = state;
  }

  setName(text, whole) {
    this.shortName = shortName(text);
    this.name.textContent = this.shortName;
    if (whole) this.name.title = whole;
  }

  /** Puts a picture into the frame, in the proportions that it has. */
  showPicture(url, width, height) {
    if (this.picture) return;
    this.picture = element('img', {alt: '', decoding: 'async'});
    this.picture.src = url;
    this.setProportions(width, height);
    this.stage.prepend(this.picture);
    this.root.dataset.picture = 'there';
  }

  setProportions(width, height) {
    if (!isSize(width) || !isSize(height)) return;
    this.stage.style.setProperty('--ratio', width / height);
  }

  showResult(result, task) {
    if (result.url) this.setName(result.url, result.url);
    this.body.replaceChildren();
    if (result.status !== 'ok') return this.showError(result);
    this.setState('ok');
    const {width, height} = result.image ?? {};
    this.setProportions(width, height);
    const thumbnail = sentThumbnail(result.image);
    if (thumbnail) this.showPicture(thumbnail, width, height);
    const predictions = result.predictions ?? [];
    if (task === 'detect') this.showBoxes(predictions, width, height);
    if (result.background) {
      const score = percent(result.background_score ?? 0);
      this.body.append(element('p', {className: 'none', text: `None of the model’s names fits (${score} sure)`}));
    } else if (predictions.length === 0) {
      this.body.append(element('p', {className: 'none', text: 'Nothing was found that the model is sure of'}));
    }
    this.showPredictions(predictions, task);
    this.body.append(this.details(result));
    return undefined;
  }

  showError({error = {}, url}) {
    this.setState('error');
    this.body.append(
      element('p', {className: 'error-title', text: errorTitle(error.code)}),
      element('p', {className: 'error-text', text: error.message ?? ''}),
    );
    if (url && url !== this.shortName) this.body.append(element('p', {className: 'address', text: url}));
  }

  showPredictions(predictions, task) {
    const row = (prediction) => {
      const bar = element('span', {className: 'bar', 'aria-hidden': 'true'}, element('span'));
      bar.firstChild.style.width = `${Math.max(0, Math.min(1, prediction.score)) * 100}%`;
      const line = element('li', {}, labelOf(prediction.label), element('span', {className: 'score', text: percent(prediction.score)}), bar);
      if (task === 'detect') line.dataset.hue = prediction.index % kHues;
      return line;
    };
    if (predictions.length === 0) return;
    this.body.append(element('ol', {className: 'predictions'}, ...predictions.slice(0, kShown).map(row)));
    const others = predictions.slice(kShown);
    if (others.length === 0) return;
    this.body.append(
      element('details', {}, element('summary', {text: `and ${plural(others.length, 'more', 'more')}`}),
        element('ol', {className: 'predictions', start: kShown + 1}, ...others.map(row))),
    );
  }

  /** Boxes over the picture, the surest on top. Whoever cannot see them has the list. */
  showBoxes(predictions, width, height) {
    if (!isSize(width) || !isSize(height)) return;
    const layer = element('div', {className: 'boxes', 'aria-hidden': 'true'});
    for (const {box, label, score, index} of predictions.slice(0, kBoxesDrawn).reverse()) {
      if (!Array.isArray(box) || !box.every(Number.isFinite)) continue;
      const [x1, y1, x2, y2] = box;
      const plate = element('span', {className: 'plate', text: `${label} ${percent(score)}`});
      const drawn = element('div', {className: 'box'}, plate);
      drawn.dataset.hue = index % kHues;
      drawn.style.left = `${(x1 / width) * 100}%`;
      drawn.style.top = `${(y1 / height) * 100}%`;
      drawn.style.width = `${((x2 - x1) / width) * 100}%`;
      drawn.style.height = `${((y2 - y1) / height) * 100}%`;
      if (y1 / height < 0.09) plate.classList.add('within');
      if (x1 / width > 0.6) plate.classList.add('from-right');
      layer.append(drawn);
    }
    this.stage.append(layer);
  }

  details(result) {
    const {width, height, format} = result.image ?? {};
    const parts = [];
    if (isSize(width) && isSize(height)) parts.push(`${width} × ${height}`);
    if (format) parts.push(String(format).toUpperCase());
    if (isSize(result.timings_ms?.total)) parts.push(`${Math.max(1, Math.round(result.timings_ms.total))} ms`);
    if (result.model?.name) parts.push(result.model.name);
    return element('p', {className: 'details', text: parts.join(' · ')});
  }
}

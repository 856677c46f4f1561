// Results as files, with the columns that `curlew --format csv` has.

const kTop = 3;
const kLast = ['error_code', 'error_message', 'http_status', 'model', 'width', 'height', 'format', 'bytes', 'queue_ms',
  'fetch_ms', 'decode_ms', 'infer_ms', 'total_ms'];

// Control characters, and those that turn the direction of writing.
const kUnprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (character) => `\\u${character.codePointAt(0).toString(16).padStart(4, '0')}`;

/** A text of somebody else as a cell, which no spreadsheet takes for a formula. */
function textCell(text) {
  let cell = String(text ?? '').replace(kUnprintable, escaped);
  if (/^ *[=+\-@]/.test(cell)) cell = `'${cell}`;
  return /[",;]|^ | $/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const numberCell = (value, digits) => (Number.isFinite(value) ? String(Number(value.toFixed(digits))) : '');

function lastCells({error, model, image = {}, timings_ms: times = {}}) {
  return [
    textCell(error?.code), textCell(error?.message), numberCell(error?.http_status, 0), textCell(model?.name),
    numberCell(image.width, 0), numberCell(image.height, 0), textCell(image.format), numberCell(image.bytes, 0),
    ...['queue', 'fetch', 'decode', 'infer', 'total'].map((stage) => numberCell(times[stage], 1)),
  ];
}

const firstCells = (result) => [String(result.index), textCell(result.url), textCell(result.status)];

function classRow(result) {
  const names = [];
  for (let place = 0; place < kTop; ++place) {
    const prediction = result.predictions?.[place];
    names.push(textCell(prediction?.label), numberCell(prediction?.score, 5));
  }
  return [...firstCells(result), ...names, numberCell(result.background_score, 5), ...lastCells(result)];
}

function objectRows(result) {
  const objects = result.predictions?.length ? result.predictions : [{}];
  return objects.map(({label, score, box = []}) => [
    ...firstCells(result), textCell(label), numberCell(score, 5),
    ...[0, 1, 2, 3].map((side) => numberCell(box[side], 2)), ...lastCells(result),
  ]);
}

export function resultsAsCsv(results, task) {
  const first = ['index', 'url', 'status', 'label', 'score'];
  const header = task === 'detect' ? [...first, 'x1', 'y1', 'x2', 'y2', ...kLast]
    : [...first, 'label_2', 'score_2', 'label_3', 'score_3', 'background_score', ...kLast];
  const rows = task === 'detect' ? results.flatMap(objectRows) : results.map(classRow);
  return `${[header, ...rows].map((cells) => cells.join(',')).join('\n')}\n`;
}

/** Without the thumbnails, which are this page's own wish and most of the bytes. */
export function resultsAsJson(results) {
  const text = JSON.stringify({results}, (key, value) => (key === 'thumbnail' ? undefined : value), 1);
  return `${text}\n`;
}

/** Hands a text to the person as a file. */
export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], {type}));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}

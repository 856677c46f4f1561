// What the service's codes and numbers are called by people.

const kErrors = {
  url_invalid: 'This is no address of a picture',
  blocked_by_policy: 'This address is not allowed',
  dns_failed: 'The host is not known',
  connect_failed: 'The host cannot be reached',
  tls_failed: 'The connection is not safe',
  timeout: 'It took too long',
  http_status: 'The host does not give the picture',
  too_many_redirects: 'The address leads in circles',
  too_large: 'The file is too large',
  truncated: 'The picture came incomplete',
  not_an_image: 'This is no picture',
  unsupported_format: 'Pictures of this kind are not read',
  too_many_pixels: 'The picture is too large',
  decode_failed: 'The picture is damaged',
  inference_failed: 'The model could not look at it',
  non_finite_output: 'The model gave no answer',
  cancelled: 'Stopped before its turn',
  expired: 'Its time was over',
  internal: 'Something went wrong here',
  connection: 'The connection broke off',
};

export const errorTitle = (code) => kErrors[code] ?? 'Something went wrong';

export const percent = (score) => {
  const value = score * 100;
  if (value > 0 && value < 1) return '< 1 %';
  if (value > 99 && value < 100) return '> 99 %';
  return `${Math.round(value)} %`;
};

export const plural = (count, one, many) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** The end of an address: what its file is called. */
export function shortName(url) {
  const path = url.split(/[?#]/, 1)[0];
  const last = path.split('/').filter(Boolean).pop() ?? '';
  try {
    return decodeURIComponent(last) || url;
  } catch {
    return last || url;
  }
}

export const taskName = (task) => (task === 'detect' ? 'find objects' : 'name it');

export function progressText({total, done, failed}, isOver) {
  const failures = failed ? `, ${failed.toLocaleString('en')} without an answer` : '';
  if (isOver && done === total) return `${plural(total, 'picture', 'pictures')}${failures}`;
  return `${done.toLocaleString('en')} of ${plural(total, 'picture', 'pictures')}${failures}`;
}

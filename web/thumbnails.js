// Small pictures: of a file made here, of an address as the service sends it. None is ever fetched from elsewhere.

const kSidePx = 720;
let turn = Promise.resolve(); // one after the other: a photograph is large once it is decoded

async function shrink(file) {
  const whole = await createImageBitmap(file, {imageOrientation: 'from-image'});
  const scale = Math.min(1, kSidePx / Math.max(whole.width, whole.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(whole.width * scale));
  canvas.height = Math.max(1, Math.round(whole.height * scale));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/webp', 0.85));
  return {url: URL.createObjectURL(blob), width: canvas.width, height: canvas.height};
}

/** A thumbnail of a file as {url, width, height}; null where the browser cannot read it. */
export function thumbnailOf(file, signal) {
  const made = turn.then(async () => {
    if (signal.aborted) return null;
    try {
      return await shrink(file);
    } catch {
      return null; // the service may still read it
    }
  });
  turn = made;
  return made;
}

/** The thumbnail that came with a result, if it is one: data, and of a picture. */
export function sentThumbnail(image) {
  const url = image?.thumbnail;
  return typeof url === 'string' && /^data:image\/(jpeg|png|webp);base64,[A-Za-z0-9+/=]+$/.test(url) ? url : null;
}

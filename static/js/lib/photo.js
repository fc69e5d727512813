// A picture file from elsewhere, as the pad shows it and as the server gets it.

import { encoded, isReadable } from "./canvas.js";
import { t } from "./language.js";

const MAX_BYTES = 16 * 2 ** 20; // of a file; the server takes no larger one
const MAX_KEPT = 256 * 2 ** 10; // bytes; the server keeps no larger one
const MAX_SIDE = 640; // px; more shows nothing in 8x8 cells
const QUALITY = 0.85; // of a JPEG

// The message is a sentence for people.
export class NotAPhoto extends Error {}

// The promise of {file, image}. The file is made smaller, so that the picture that was read can
// also be kept. What cameras note in a file, such as the place, stays on this device. A browser
// that keeps pages from reading what they paint sends the file as it is.
export async function photoOf(file) {
  if (file.size > MAX_BYTES) throw new NotAPhoto(t("That file is larger than 16 MiB. Choose a smaller one."));
  const image = reduced(await decoded(file));
  return { file: isReadable() ? smallFile(image, file.type) : file, image };
}

async function decoded(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new NotAPhoto(t("This browser cannot read that picture. Choose a PNG or JPEG file."));
  }
}

// On a canvas of at most 640 px a side. It is halved step by step: one large step would skip
// thin lines.
function reduced(picture) {
  const longest = Math.max(picture.width, picture.height);
  if (longest <= MAX_SIDE && picture instanceof HTMLCanvasElement) return picture;
  const scale = Math.min(1, Math.max(MAX_SIDE / longest, 0.5));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(scale * side)));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  return reduced(canvas);
}

// A PNG where that is small, as it is for drawings. Otherwise a JPEG, which has no transparent
// parts.
function smallFile(canvas, type) {
  const png = type === "image/jpeg" ? null : encoded(canvas, "image/png");
  if (png && png.size <= MAX_KEPT) return png;
  const context = canvas.getContext("2d");
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return encoded(canvas, "image/jpeg", QUALITY);
}

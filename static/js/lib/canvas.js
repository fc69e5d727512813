// Pictures out of a canvas.

import { blobOf } from "./data_url.js";

// The canvas as a file: a Blob. toBlob would wait until the browser is idle, which takes a second
// or more on a busy page.
export function encoded(canvas, type, quality) {
  return blobOf(canvas.toDataURL(type, quality));
}

// Whether this browser lets a page read what it has painted. Against fingerprinting some return
// noise or white instead, and tell nobody.
export function isReadable() {
  const side = 8;
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const painted = Array.from({ length: side }, (_, i) => [31 * i, 255 - 31 * i, (97 * i) % 256, 255]);
  painted.forEach(([red, green, blue], i) => {
    context.fillStyle = `rgb(${red}, ${green}, ${blue})`;
    context.fillRect(i, 0, 1, side);
  });
  const read = context.getImageData(0, 0, side, side).data;
  return read.every((value, i) => value === painted[(i >> 2) % side][i % 4]);
}

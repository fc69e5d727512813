// Pictures of a drawing: its 8x8 on a canvas of as many pixels, which the page scales in sharp
// squares, and the handwriting that it was made from.

import { withNumber } from "../lib/address.js";

const MOST = 16;

// pixels: 64 characters, 0 to 9 and a to g, row by row: intensities 0..16.
export function paint(canvas, pixels) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(8, 8);
  [...pixels].forEach((character, index) => {
    const paper = 1 - parseInt(character, MOST + 1) / MOST;
    image.data.fill(Math.round(255 * paper), 4 * index, 4 * index + 3);
    image.data[4 * index + 3] = 255;
  });
  context.putImageData(image, 0, 0);
}

// Shows the handwriting of a drawing in an <img>, whose data-href is the address of a drawing 0.
// Hides it for null, and for a drawing that was given as 64 numbers.
export function showHandwriting(img, drawing) {
  img.hidden = !drawing?.handwriting;
  if (img.hidden) img.removeAttribute("src");
  else img.src = withNumber(img.dataset.href, drawing.id);
}

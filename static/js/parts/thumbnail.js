// An 8x8 picture on a canvas of as many pixels: the page scales it, in sharp squares.

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

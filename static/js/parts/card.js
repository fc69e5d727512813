// The card: what was drawn, what the network saw and what it made of it, as one PNG to take home.

import { encoded, isReadable } from "../lib/canvas.js";
import { t } from "../lib/language.js";

const SCALE = 2; // pixels a unit
const [WIDTH, HEIGHT, MARGIN, GAP] = [720, 960, 40, 20]; // units
const SIDE = (WIDTH - 2 * MARGIN - GAP) / 2; // of the drawing and the 8x8
const CELLS = 8;
const MOST = 16; // of a cell's intensity
const [TOP, BARS, ROW] = [150, 540, 35]; // where the pictures and the bars begin; a bar's height

// The message is a sentence for people.
export class NoCard extends Error {}

// paint: a function that paints the drawing on a 2d context, in a square of a side, with an ink;
// pixels: 64 intensities; sentence; bars: the elements of the page. The card looks like the page.
export function saveCard({ paint, pixels, sentence, bars, name }) {
  if (!isReadable()) {
    throw new NoCard(
      t("This browser keeps pages from reading what they paint. Allow canvas data for this page, then save again."),
    );
  }
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SCALE * WIDTH, SCALE * HEIGHT];
  const context = canvas.getContext("2d");
  context.scale(SCALE, SCALE);
  const look = lookOfPage();
  fill(context, look("ground"), 0, 0, WIDTH, HEIGHT, 0);
  write(context, sentence, { y: 86, size: 44, weight: 700, colour: look("text") });
  write(context, t("The drawing"), { y: TOP - 14, colour: look("quiet") });
  write(context, t("What the network sees"), { x: MARGIN + SIDE + GAP, y: TOP - 14, colour: look("quiet") });
  paintDrawing(context, paint, look);
  paintPixels(context, pixels, look);
  bars.forEach((bar, row) => paintBar(context, bar, BARS + row * ROW, look));
  write(context, "Inkling", { y: HEIGHT - 30, weight: 700, colour: look("quiet") });
  download(encoded(canvas, "image/png"), name);
}

// A function: the value of one of the page's colours, in light or in dark.
function lookOfPage() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`);
}

function fill(context, colour, x, y, width, height, radius) {
  context.fillStyle = colour;
  context.beginPath();
  if (radius && context.roundRect) context.roundRect(x, y, width, height, radius);
  else context.rect(x, y, width, height);
  context.fill();
}

function write(context, text, { x = MARGIN, y, size = 20, weight = 500, colour, align = "left" }) {
  context.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  context.fillStyle = colour;
  context.textAlign = align;
  context.fillText(text, x, y, WIDTH - 2 * MARGIN);
}

function paintDrawing(context, paint, look) {
  context.save();
  context.translate(MARGIN, TOP);
  fill(context, look("paper"), 0, 0, SIDE, SIDE, 0);
  context.clip();
  paint(context, SIDE, look("ink"));
  context.restore();
  context.strokeStyle = look("line");
  context.strokeRect(MARGIN, TOP, SIDE, SIDE);
}

function paintPixels(context, pixels, look) {
  const left = MARGIN + SIDE + GAP;
  const cell = SIDE / CELLS;
  fill(context, look("paper"), left, TOP, SIDE, SIDE, 0);
  context.strokeStyle = look("line");
  pixels.forEach((value, i) => {
    const [x, y] = [left + (i % CELLS) * cell, TOP + Math.floor(i / CELLS) * cell];
    context.globalAlpha = value / MOST;
    fill(context, look("ink"), x, y, cell, cell, 0);
    context.globalAlpha = 1;
    context.strokeRect(x, y, cell, cell);
  });
}

// As the page shows it: its share, its colour, its number.
function paintBar(context, bar, y, look) {
  const isLargest = bar.hasAttribute("data-largest");
  const share = Number(bar.querySelector("[role=meter]").getAttribute("aria-valuenow")) / 100;
  const colour = getComputedStyle(bar.querySelector(".fill")).backgroundColor;
  const text = { y: y + 21, weight: isLargest ? 800 : 500, colour: look(isLargest ? "text" : "quiet") };
  const [left, width, height] = [MARGIN + 28, WIDTH - 2 * MARGIN - 28 - 90, isLargest ? 24 : 15];
  const top = y + 14 - height / 2;
  write(context, bar.querySelector(".digit").textContent, text);
  fill(context, look("track"), left, top, width, height, 4);
  fill(context, colour, left, top, Math.max(share * width, 1), height, 4);
  write(context, bar.querySelector(".percent").textContent, { ...text, x: WIDTH - MARGIN, align: "right" });
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // phones begin after a moment
}

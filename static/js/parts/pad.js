// The drawing pad: strokes from mouse, finger or pen on a canvas, or a photo to be read.

import { greys, smooth } from "../lib/line.js";
import { greyscalePng } from "../lib/png.js";

// The pad's own units, whatever its size on the screen; pen widths are in them too.
const SIDE = 280;

const PALM = 20_000; // ms after a pen has drawn in which touches are of the hand that holds it
const RESTS_AFTER = 300; // ms without moving: a thumb that holds the phone
const RESTS_WITHIN = 10; // units that such a thumb still moves

// A stroke is {pen, points: [[x, y], ...]}; a finished stroke never changes. A photo is
// {file, image}: what the server gets, and what the pad shows.
export class Pad extends EventTarget {
  #canvas;
  #strokes = [];
  #photo = null;
  #active = null; // {id, type, stroke, rest} of the pointer that draws
  #penDrew = -Infinity; // when a pen last did
  #frame = 0;
  pen = 20;

  // Events: "ink" while a stroke grows, "stroke" when it is finished. A photo gives way to the
  // first stroke.
  constructor(canvas) {
    super();
    this.#canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#extend(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#end(event));
    }
    // Otherwise browsers take a quick stroke for a fling and swallow the next tap, which would
    // only stop the fling.
    canvas.addEventListener("touchstart", (event) => event.preventDefault());
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    new ResizeObserver(() => this.#resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  // Actions

  get strokes() {
    return this.#strokes;
  }

  set strokes(strokes) {
    this.#active = null;
    this.#strokes = strokes;
    this.#redraw();
  }

  // What the pad shows instead of strokes, or null.
  get photo() {
    return this.#photo;
  }

  set photo(photo) {
    this.#photo = photo;
    this.#redraw();
  }

  // Drop the stroke that is being drawn; true if there was one.
  cancel() {
    const drawing = this.#active !== null;
    this.#active = null;
    this.#redraw();
    return drawing;
  }

  // What the server gets, a Blob or the promise of it: the photo, or the strokes as a PNG, black
  // on white, 280 x 280.
  picture() {
    return this.#photo?.file ?? greyscalePng(greys(this.#visible(), SIDE), SIDE, SIDE);
  }

  // Paint what the pad shows on another canvas, in a square of this side, with this ink.
  paint(context, side, ink) {
    if (this.#photo) return paintPhoto(context, side, this.#photo.image);
    context.save();
    context.scale(side / SIDE, side / SIDE);
    paintStrokes(context, this.#visible(), ink);
    context.restore();
  }

  // Internal

  #begin(event) {
    if (event.button !== 0 || !this.#mayDraw(event)) return;
    event.preventDefault();
    this.#giveWay(event);
    this.#canvas.setPointerCapture(event.pointerId);
    this.#photo = null;
    const point = this.#point(event);
    const rest = { point, since: event.timeStamp, isDot: true };
    this.#active = {
      id: event.pointerId,
      type: event.pointerType,
      stroke: { pen: this.pen, points: [point] },
      rest,
    };
    this.#notePen(event);
    this.#grown();
  }

  // One pointer draws at a time. It gives way to a pen, to any other when it rests, and to the
  // next of its kind: then nobody has told the page of its end.
  #mayDraw({ pointerType, isPrimary, timeStamp }) {
    if (pointerType === "touch" && timeStamp - this.#penDrew < PALM) return false;
    if (!this.#active) return true;
    const { type, rest } = this.#active;
    if (pointerType === type && isPrimary) return true;
    return (pointerType === "pen" && type === "touch") || timeStamp - rest.since > RESTS_AFTER;
  }

  // A palm, and a thumb that only rested, leave nothing on the pad.
  #giveWay({ pointerType }) {
    if (!this.#active) return;
    const { type, rest } = this.#active;
    const isHand = type === "touch" && (pointerType === "pen" || rest.isDot);
    if (isHand) this.#active = null;
    else this.#finish();
  }

  #extend(event) {
    if (event.pointerId !== this.#active?.id) return;
    // The button was let go where the page did not see it.
    if (event.pointerType === "mouse" && event.buttons === 0) return this.#finish();
    // Browsers offer these in secure contexts only, not on phones over plain HTTP.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      this.#active.stroke.points.push(this.#point(each));
    }
    this.#noteRest(event);
    this.#grown();
  }

  #noteRest({ timeStamp }) {
    const [x, y] = this.#active.stroke.points.at(-1);
    const { point } = this.#active.rest;
    if (Math.hypot(x - point[0], y - point[1]) <= RESTS_WITHIN) return;
    this.#active.rest = { point: [x, y], since: timeStamp, isDot: false };
  }

  #notePen({ pointerType, timeStamp }) {
    if (pointerType === "pen") this.#penDrew = timeStamp;
  }

  #end(event) {
    if (event.pointerId !== this.#active?.id) return;
    this.#notePen(event);
    this.#finish();
  }

  #finish() {
    this.#strokes = [...this.#strokes, this.#active.stroke];
    this.#active = null;
    this.#redraw();
    this.dispatchEvent(new Event("stroke"));
  }

  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * SIDE,
      ((event.clientY - box.top) / box.height) * SIDE,
    ];
  }

  #visible() {
    return this.#active ? [...this.#strokes, this.#active.stroke] : this.#strokes;
  }

  #grown() {
    this.#redraw();
    this.dispatchEvent(new Event("ink"));
  }

  #resize() {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (!side || side === this.#canvas.width) return;
    this.#canvas.width = this.#canvas.height = side;
    this.#repaint(); // at once, because resizing empties the canvas
  }

  #redraw() {
    this.#frame ||= requestAnimationFrame(() => this.#repaint());
  }

  #repaint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const context = this.#canvas.getContext("2d");
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.width);
    this.paint(context, this.#canvas.width, getComputedStyle(this.#canvas).getPropertyValue("--ink"));
  }
}

function paintStrokes(context, strokes, ink) {
  context.strokeStyle = ink;
  context.lineCap = context.lineJoin = "round";
  for (const { pen, points } of strokes) {
    context.lineWidth = pen;
    context.beginPath();
    context.moveTo(points[0][0] - 0.01, points[0][1]); // a tap makes a dot: no line of length 0
    for (const corner of smooth(points)) context.lineTo(...corner);
    context.stroke();
  }
}

// As large as it fits, in the middle.
function paintPhoto(context, side, image) {
  const scale = side / Math.max(image.width, image.height);
  const [width, height] = [scale * image.width, scale * image.height];
  context.drawImage(image, (side - width) / 2, (side - height) / 2, width, height);
}

// The drawing pad: strokes from mouse, finger or pen on a canvas.

// The pad's own units, whatever its size on the screen; pen widths are in them too.
export const SIDE = 280;

// A stroke is {pen, points: [[x, y], ...]}; a finished stroke never changes.
export class Pad extends EventTarget {
  #canvas;
  #strokes = [];
  #active = null; // {id, type, stroke} of the pointer that draws
  #frame = 0;
  pen = 20;

  // Events: "ink" while a stroke grows, "stroke" when it is finished.
  constructor(canvas) {
    super();
    this.#canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#extend(event));
    canvas.addEventListener("pointerup", (event) => this.#finish(event));
    canvas.addEventListener("pointercancel", (event) => this.#finish(event));
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

  // Drop the stroke that is being drawn; true if there was one.
  cancel() {
    const drawing = this.#active !== null;
    this.#active = null;
    this.#redraw();
    return drawing;
  }

  // The drawing as a PNG for the server, black on white, 280 x 280.
  picture() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, SIDE, SIDE);
    paint(context, this.#visible(), "black");
    // toBlob waits until the browser is idle, which takes a second or more on a busy page.
    const [, base64] = canvas.toDataURL("image/png").split(",");
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new Blob([bytes], { type: "image/png" });
  }

  // Internal

  #begin(event) {
    if (event.button !== 0 || !this.#mayDraw(event)) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    const stroke = { pen: this.pen, points: [this.#point(event)] };
    this.#active = { id: event.pointerId, type: event.pointerType, stroke };
    this.#grown();
  }

  // One pointer draws at a time. A pen takes over from a hand that rests on the screen.
  #mayDraw(event) {
    if (!this.#active) return true;
    return event.pointerType === "pen" && this.#active.type === "touch";
  }

  #extend(event) {
    if (event.pointerId !== this.#active?.id) return;
    // Browsers offer these in secure contexts only, not on phones over plain HTTP.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      this.#active.stroke.points.push(this.#point(each));
    }
    this.#grown();
  }

  #finish(event) {
    if (event.pointerId !== this.#active?.id) return;
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
    this.#paint(); // at once, because resizing empties the canvas
  }

  #redraw() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const context = this.#canvas.getContext("2d");
    const scale = this.#canvas.width / SIDE;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    paint(context, this.#visible(), getComputedStyle(this.#canvas).getPropertyValue("--ink"));
  }
}

function paint(context, strokes, colour) {
  context.strokeStyle = colour;
  context.lineCap = context.lineJoin = "round";
  for (const { pen, points } of strokes) {
    context.lineWidth = pen;
    context.stroke(curve(points));
  }
}

// A smooth line: quadratic curves between the middles of neighbouring points.
function curve(points) {
  const path = new Path2D();
  const [x0, y0] = points[0];
  path.moveTo(x0, y0);
  path.lineTo(x0 + 0.01, y0); // a tap makes a dot: a line of length 0 would not be painted
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = points[i];
    const [nextX, nextY] = points[i + 1];
    path.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  path.lineTo(...points.at(-1));
  return path;
}

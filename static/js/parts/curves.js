// Lines by epoch, drawn as SVG, for the train page, the wall and the report of a session. The
// report holds this file inline, so it imports nothing, and its caller brings the language.

const LINES = ["people", "test", "training"];
const FLOORS = [0.9, 0.5, 0]; // where the scale of shares may begin, so that small gains show
const KEYS = {
  ...{ ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 },
  ...{ Home: -Infinity, End: Infinity },
};

export class Curves {
  #element;
  #plot;
  #percent;
  #lines;
  #texts;
  #points = [];
  #second = null; // the points of another run
  #end = null; // values of what the run publishes, where that is not its last epoch
  #epochs = 1;
  #chosen = null; // position of the point that the reader has chosen; null for the newest
  #box; // of the plot: font, left, right, top, bottom, in px, and the values at bottom and top

  // element: an empty one; name: what the values are, in the page's language; percent: whether
  // they are shares, 0..1; lines: which of LINES it shows; t: says a message in the page's
  // language, as lib/language.js does.
  constructor(element, { name, percent = false, lines = LINES, t = inEnglish }) {
    const texts = textsOf(name, t);
    element.classList.add("curves");
    element.innerHTML = `
      <div class="plot" role="slider" tabindex="0" aria-label="${texts.plot}"><svg aria-hidden="true"></svg></div>
      <p class="reading" aria-hidden="true"></p>
      <p class="second-reading" aria-hidden="true" hidden></p>
      <details><summary>${texts.table}</summary><div class="scroll" tabindex="0" role="region" aria-label="${texts.table}"><table>
        <thead><tr><th>${texts.epoch}</th>${lines.map((line) => `<th>${texts.columns[line]}</th>`).join("")}</tr></thead>
        <tbody></tbody></table></div></details>`;
    [this.#element, this.#percent, this.#lines, this.#texts] = [element, percent, lines, texts];
    this.#plot = element.querySelector(".plot");
    const isFocused = () => document.activeElement === this.#plot;
    this.#listen("pointermove", (event) => this.#choose(this.#nearest(event)));
    this.#listen("pointerleave", () => isFocused() || this.#choose(null));
    this.#listen("focus", () => this.#choose(this.#position())); // and keep it while more come
    this.#listen("blur", () => this.#choose(null));
    this.#listen("keydown", (event) => this.#step(event));
    element.querySelector("details").addEventListener("toggle", () => this.#fillTable());
    new ResizeObserver(() => this.#draw()).observe(this.#plot);
  }

  // points: [[epoch, a value or null for each line], ...] by epoch; epochs: how many there will
  // be; second: points of another run, drawn thin; end: a value or null for each line, drawn as
  // squares at the last epoch.
  show(points, epochs, { second = null, end = null } = {}) {
    [this.#points, this.#second, this.#end] = [points, second, end];
    this.#epochs = Math.max(1, epochs, second?.at(-1)?.[0] ?? 0);
    if (this.#chosen >= points.length) this.#chosen = null;
    this.#draw();
    this.#fillTable();
  }

  // Reading a value

  #listen(kind, act) {
    this.#plot.addEventListener(kind, act);
  }

  #position() {
    return this.#chosen ?? this.#points.length - 1;
  }

  #choose(position) {
    this.#chosen = this.#points.length ? position : null;
    this.#draw();
  }

  #nearest({ clientX }) {
    const x = clientX - this.#plot.getBoundingClientRect().left;
    const distances = this.#points.map(([epoch]) => Math.abs(this.#x(epoch) - x));
    return distances.indexOf(Math.min(...distances));
  }

  #step(event) {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    const wanted = this.#position() + KEYS[event.key];
    this.#choose(Math.max(0, Math.min(this.#points.length - 1, wanted)));
  }

  // Drawing

  #draw() {
    const [width, height] = [this.#plot.clientWidth, this.#plot.clientHeight];
    if (!width || !height) return; // it is not on view
    const svg = this.#plot.firstChild;
    const font = parseFloat(getComputedStyle(svg).fontSize);
    this.#box = { font, left: 3.9 * font, right: width - 1.2 * font, top: 0.7 * font, bottom: height - 1.8 * font };
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.innerHTML = this.#scale() + this.#epochAxis() + this.#curves() + this.#reading();
  }

  // The horizontal lines and their values. Sets the value at the top.
  #scale() {
    const { font, left, right, top, bottom } = this.#box;
    if (this.#isEmpty()) return `<path class="rule" d="M${left} ${bottom}H${right}"/>`;
    const all = [...this.#points, ...(this.#second ?? [])].flatMap(([, ...values]) => values.filter((value) => value !== null));
    const largest = this.#percent ? 1 : Math.max(0, ...all);
    const lowest = this.#percent ? FLOORS.find((floor) => floor <= Math.min(...all)) : 0;
    const step = roundStep(largest - lowest || 1, Math.min(5, (bottom - top) / (2 * font)));
    const steps = Math.ceil((largest - lowest || 1) / step - 1e-9);
    Object.assign(this.#box, { lowest, highest: lowest + steps * step });
    const values = Array.from({ length: largest ? steps + 1 : 1 }, (_, i) => Number((lowest + i * step).toPrecision(6)));
    return values.map((value) => {
      const label = this.#percent ? `${Math.round(100 * value)}%` : value;
      const y = this.#y(value);
      return `<path class="rule" d="M${left} ${y}H${right}"/><text class="value" x="${left - 0.5 * font}" y="${y}">${label}</text>`;
    }).join("");
  }

  #epochAxis() {
    if (this.#isEmpty()) return ""; // there is nothing to read
    const { font, left, right, bottom } = this.#box;
    const step = Math.max(1, roundStep(this.#epochs, (right - left) / (3.5 * font)));
    const first = step > 1 ? [1] : [];
    const regular = Array.from({ length: Math.floor(this.#epochs / step) }, (_, i) => (i + 1) * step);
    const y = bottom + 1.4 * font;
    const texts = [...first, ...regular].map((epoch) => `<text class="epoch" x="${this.#x(epoch)}" y="${y}">${epoch}</text>`);
    return `<text x="0" y="${y}">${this.#texts.epoch}</text>${texts.join("")}`;
  }

  #isEmpty() {
    return !this.#points.length && !this.#second?.length;
  }

  #curves() {
    const second = this.#second ? this.#paths(this.#second, "second") : "";
    return second + this.#paths(this.#points) + this.#ends();
  }

  #paths(points, kind = "") {
    const paths = this.#lines.map((line, index) => {
      const known = points.filter((point) => point[index + 1] !== null);
      const places = known.map((point) => `${this.#x(point[0])} ${this.#y(point[index + 1])}`);
      return places.length ? `<path class="line ${line} ${kind}" d="M${places.join("L")}"/>` : "";
    });
    return paths.reverse().join(""); // the first line lies on top
  }

  #ends() {
    const last = this.#points.at(-1);
    if (!last || !this.#end) return "";
    const x = this.#x(last[0]);
    const ends = this.#end.map((value, index) => {
      if (value === null) return "";
      const line = this.#lines[index];
      const from = last[index + 1] ?? value;
      return `<path class="line ${line}" d="M${x} ${this.#y(from)}V${this.#y(value)}"/>
        <rect class="end ${line}" x="${x - 9}" y="${this.#y(value) - 9}" width="18" height="18"/>`;
    });
    return ends.reverse().join("");
  }

  // Marks the point that is read, and says its values below the plot and to screen readers.
  #reading() {
    const [epoch = 0, ...values] = this.#points[this.#position()] ?? [];
    this.#element.querySelector(".reading").innerHTML = epoch ? this.#valuesAt(epoch, values) : "";
    this.#readSecond(epoch);
    const state = { min: Math.min(1, epoch), max: this.#epochs, now: epoch, text: this.#spoken(epoch, values) };
    for (const [name, value] of Object.entries(state)) this.#plot.setAttribute(`aria-value${name}`, value);
    const { top, bottom } = this.#box;
    const rule = this.#chosen === null ? "" : `<path class="chosen" d="M${this.#x(epoch)} ${top}V${bottom}"/>`;
    const dots = values.map((value, index) => {
      if (value === null) return "";
      return `<circle class="dot ${this.#lines[index]}" cx="${this.#x(epoch)}" cy="${this.#y(value)}"/>`;
    });
    return rule + dots.reverse().join("");
  }

  #spoken(epoch, values) {
    if (!epoch) return this.#texts.none;
    const parts = values.map((value, index) => this.#texts.value[this.#lines[index]](this.#text(value)));
    return this.#texts.at(epoch, parts.join(this.#texts.between));
  }

  #valuesAt(epoch, values, kind = "") {
    const shown = values.map((value, index) => `<span><span class="key ${this.#lines[index]} ${kind}"></span>${this.#text(value)}</span>`);
    return `<span>${this.#texts.reading(epoch)} </span>${shown.join("")}`;
  }

  // The other run at the same epoch, or at its last one.
  #readSecond(epoch) {
    const place = this.#element.querySelector(".second-reading");
    const point = this.#second?.findLast(([number]) => number <= epoch) ?? this.#second?.at(-1);
    place.hidden = !point;
    place.innerHTML = point ? this.#valuesAt(point[0], point.slice(1), "second") : "";
  }

  #x(epoch) {
    const first = this.#epochs > 1 ? 1 : 0;
    const { left, right } = this.#box;
    return (left + ((right - left) * (epoch - first)) / (this.#epochs - first)).toFixed(1);
  }

  #y(value) {
    const { top, bottom, lowest, highest } = this.#box;
    return (bottom - ((bottom - top) * (value - lowest)) / (highest - lowest)).toFixed(1);
  }

  #text(value) {
    if (value === null) return "–";
    return this.#percent ? `${(100 * value).toFixed(1)}%` : Number(value.toPrecision(3));
  }

  // Only while it is open: a thousand rows that nobody sees would cost time at every epoch.
  #fillTable() {
    if (!this.#element.querySelector("details").open) return;
    const rows = this.#points.map(([epoch, ...values]) => {
      const cells = values.map((value) => `<td>${this.#text(value)}</td>`).join("");
      return `<tr><th scope="row">${epoch}</th>${cells}</tr>`;
    });
    this.#element.querySelector("tbody").innerHTML = rows.join("");
  }
}

// All that the curves say.
function textsOf(name, t) {
  return {
    plot: t("{name} by epoch", { name }),
    table: t("{name} as a table", { name }),
    epoch: t("Epoch"),
    columns: {
      people: t("{name} on people it never met", { name }),
      test: t("{name} on digits it never sees", { name }),
      training: t("{name} on the pictures it learns from", { name }),
    },
    value: {
      people: (value) => t("{value} on people it never met", { value }),
      test: (value) => t("{value} on digits it never sees", { value }),
      training: (value) => t("{value} on the pictures it learns from", { value }),
    },
    // Translators: between two values that are read out.
    between: t(", "),
    at: (epoch, values) => t("Epoch {epoch}: {values}", { epoch, values }),
    reading: (epoch) => t("Epoch {epoch}", { epoch }),
    none: t("No epoch yet"),
  };
}

function inEnglish(message, values = {}) {
  return message.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// The smallest of 1, 2 and 5 times a power of ten that reaches `most` in at most `steps` steps.
function roundStep(most, steps) {
  const least = most / Math.max(1, steps);
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= least - 1e-9 * power);
}

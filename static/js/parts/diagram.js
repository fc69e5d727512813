// A network as a picture, drawn as SVG: the inputs as 8x8 cells, hidden layers as columns of
// neurons, ten outputs; how dark each is shows its activation. The lines are the connections
// through which most goes to the chosen output.

import { count, signed } from "../lib/numbers.js";
import { sizesInWords } from "../lib/names.js";
import { t } from "../lib/language.js";

const SIDE = 8;
const WIDEST = 4; // px of a line
const FAINTEST = 0.15; // opacity of a line

export class Diagram extends EventTarget {
  #element;
  #answer = null;
  #places; // of each layer: neuron -> [x, y]
  #chosen = null;

  // Event: "choose" (detail: {layer, neuron}), when a neuron is pressed; layers count from the inputs.
  // element: an empty one, which gives the size.
  constructor(element) {
    super();
    this.#element = element;
    element.setAttribute("role", "img");
    element.addEventListener("click", ({ target }) => this.#press(target));
    element.addEventListener("pointerover", ({ target }) => this.#light(neuronAt(target) ?? this.#chosen));
    element.addEventListener("pointerleave", () => this.#light(this.#chosen));
    new ResizeObserver(() => this.#draw()).observe(element);
  }

  // answer: of POST /api/inside/model
  show(answer) {
    this.#answer = answer;
    this.#element.setAttribute("aria-label", inWords(answer));
    this.#draw();
  }

  // The hidden neuron whose connections stand out: {layer, neuron}, or null.
  set chosen(place) {
    this.#chosen = place;
    this.#light(place);
  }

  // Internal

  #press(target) {
    const place = neuronAt(target);
    if (place) this.dispatchEvent(new CustomEvent("choose", { detail: place }));
  }

  #draw() {
    const [width, height] = [this.#element.clientWidth, this.#element.clientHeight];
    if (!this.#answer || !width || !height) return;
    const font = parseFloat(getComputedStyle(this.#element).fontSize);
    this.#layOut(width, height - 2.6 * font, font);
    this.#element.innerHTML = `<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">
      ${this.#inputs()}${this.#lines()}${this.#neurons()}${this.#outputs(font)}${this.#sizes(height, font)}</svg>`;
    this.#light(this.#chosen);
  }

  #layOut(width, height, font) {
    const { layers } = this.#answer;
    const columns = layers.length + 1; // right of the inputs
    const side = Math.min(0.3 * width, height, (1.4 * width) / (columns + 1));
    const right = width - 1.2 * font;
    const x = (column) => side + ((right - side) * column) / columns;
    const top = (height - side) / 2;
    const inputs = (i) => [((i % SIDE) + 0.5) * (side / SIDE), top + (Math.floor(i / SIDE) + 0.5) * (side / SIDE)];
    const hidden = layers.map(({ neurons }, i) => {
      const order = neurons.map(({ neuron }) => neuron).sort((a, b) => a - b);
      return (neuron) => [x(i + 1), (height * (order.indexOf(neuron) + 0.5)) / order.length];
    });
    const outputs = (digit) => [x(columns), (height * (digit + 0.5)) / 10];
    const most = Math.max(10, ...layers.map(({ neurons }) => neurons.length));
    this.#places = { layers: [inputs, ...hidden, outputs], cell: side / SIDE, radius: Math.min(0.42 * (height / most), 0.7 * font) };
  }

  #lines() {
    return this.#answer.connections.map(({ sources, targets, shares }, layer) => {
      const most = Math.abs(shares[0] ?? 1);
      const lines = shares.map((share, i) => {
        const [x1, y1] = this.#places.layers[layer](sources[i]);
        const [x2, y2] = this.#places.layers[layer + 1](targets[i]);
        const strength = Math.abs(share) / most;
        const kind = share < 0 ? "against" : "for";
        return `<line class="${kind}" data-from="${layer} ${sources[i]}" data-to="${layer + 1} ${targets[i]}" x1="${round(x1)}" y1="${round(y1)}"
          x2="${round(x2)}" y2="${round(y2)}" stroke-width="${round(Math.max(0.75, WIDEST * strength))}" stroke-opacity="${round(Math.max(FAINTEST, strength))}"/>`;
      });
      return lines.reverse().join(""); // the strongest lies on top
    }).join("");
  }

  #inputs() {
    const { cell, layers } = this.#places;
    return this.#answer.inputs.map((a, i) => {
      const [x, y] = layers[0](i);
      const place = `x="${round(x - cell / 2)}" y="${round(y - cell / 2)}" width="${round(cell)}" height="${round(cell)}"`;
      return `<rect class="paper" ${place}/><rect class="ink" ${place} fill-opacity="${round(a)}"/>`;
    }).join("");
  }

  #neurons() {
    const { layers, radius } = this.#places;
    return this.#answer.layers.flatMap(({ layer, neurons }) => neurons.map(({ neuron, a }) => {
      const [x, y] = layers[layer](neuron);
      const circle = `cx="${round(x)}" cy="${round(y)}" r="${round(radius)}"`;
      return `<g class="neuron" data-place="${layer} ${neuron}"><circle class="paper" ${circle}/><circle class="ink" ${circle} fill-opacity="${round(a)}"/></g>`;
    })).join("");
  }

  #outputs(font) {
    const { outputs, output } = this.#answer;
    const radius = 0.75 * font;
    return outputs.map((a, digit) => {
      const [x, y] = this.#places.layers.at(-1)(digit);
      const circle = `cx="${round(x)}" cy="${round(y)}" r="${round(radius)}"`;
      const kind = digit === output ? "output chosen" : "output";
      return `<g class="${kind}"><circle class="paper" ${circle}/><circle class="ink" ${circle} fill-opacity="${round(a)}"/>
        <text class="${a > 0.5 ? "on-ink" : ""}" x="${round(x)}" y="${round(y)}">${digit}</text></g>`;
    }).join("");
  }

  // Below each layer: how many neurons it has, and how many of them are drawn.
  #sizes(height, font) {
    const { layers } = this.#places;
    const { sizes } = this.#answer;
    return sizes.map((size, layer) => {
      const shown = this.#answer.layers[layer - 1];
      const x = layer ? layers[layer](0)[0] : 3.5 * this.#places.cell + 0.5 * this.#places.cell;
      const drawn = shown?.more ? t("{number} shown", { number: shown.neurons.length }) : "";
      const more = drawn && `<tspan x="${round(x)}" dy="1.15em">${drawn}</tspan>`;
      return `<text class="size" x="${round(x)}" y="${round(height - 1.4 * font)}"><tspan>${count(size)}</tspan>${more}</text>`;
    }).join("");
  }

  #light(place) {
    const svg = this.#element.firstElementChild;
    if (!svg) return;
    const name = place && `${place.layer} ${place.neuron}`;
    svg.toggleAttribute("data-lit", Boolean(place));
    for (const part of svg.querySelectorAll("line, .neuron")) {
      const { from, to, place: own } = part.dataset;
      part.classList.toggle("lit", name !== null && [from, to, own].includes(name));
    }
  }
}

function neuronAt(target) {
  const name = target.closest("[data-place]")?.dataset.place;
  if (!name) return null;
  const [layer, neuron] = name.split(" ").map(Number);
  return { layer, neuron };
}

function inWords({ sizes, layers, output }) {
  const strongest = layers.at(-1)?.neurons[0];
  const text = t("A network with layers of {sizes} neurons, seen from the output for {digit}.", { sizes: sizesInWords(sizes), digit: output });
  if (!strongest) return text;
  const values = { text, neuron: strongest.neuron + 1, change: signed(strongest.raises) };
  return t("{text} Neuron {neuron} of the last hidden layer matters most: it changes the output’s sum by {change}.", values);
}

function round(value) {
  return Number(value.toFixed(2));
}

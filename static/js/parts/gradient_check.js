// Checks gradients by nudging: one weight in numbers, a sample of weights as points.

import { DigitChoice } from "./digit_choice.js";
import { follow } from "./lesson.js";
import { networkWatch } from "../lib/example.js";
import { unitName } from "../lib/names.js";
import { precise } from "../lib/numbers.js";
import { t } from "../lib/language.js";

const SAMPLE = 60; // weights of the chosen layer
const [SIDE, EDGE] = [300, 12]; // of the picture, and its margin
const DIGITS = 10; // after the point, of costs that differ by very little

export class GradientCheck {
  #find;
  #label;
  #layer = 0;
  #place = {}; // {neuron, source} as chosen, or none
  #sizes = [];
  #isOtherNetwork = networkWatch();

  // find: id -> element, for the parts of templates/inside/bug.html
  constructor(find) {
    this.#find = find;
    this.#label = new DigitChoice(find("label"), "label");
    const ask = follow("gradient-check", () => this.#question(), (answer) => this.#show(answer));
    this.#label.addEventListener("choose", ask);
    find("printed").addEventListener("change", ask);
    find("layer").addEventListener("change", () => {
      [this.#layer, this.#place] = [Number(find("layer").value), {}];
      ask();
    });
    for (const id of ["from", "to"]) {
      find(id).addEventListener("change", () => {
        this.#place = { neuron: Number(find("to").value), source: Number(find("from").value) };
        ask();
      });
    }
  }

  // Internal

  // Another network may lack the layer and the neuron that were chosen.
  #question() {
    if (this.#isOtherNetwork()) [this.#layer, this.#place] = [0, {}];
    return { label: this.#label.digit, layer: this.#layer, ...this.#place, sample: SAMPLE, printed: this.#find("printed").checked };
  }

  #show({ model, label, chosen, sample, tolerance }) {
    this.#label.show(label);
    this.#offer(model.sizes, chosen);
    this.#set("above", chosen.above.toFixed(DIGITS));
    this.#set("below", chosen.below.toFixed(DIGITS));
    this.#set("nudged", precise(chosen.nudged));
    this.#set("check-in-words", inWords(chosen, tolerance));
    this.#drawSample(sample);
  }

  // The places that this network has.
  #offer(sizes, chosen) {
    const [layer, to, from] = ["layer", "to", "from"].map(this.#find);
    const wanted = `${sizes} ${chosen.layer}`;
    if (layer.dataset.shows !== wanted) {
      layer.dataset.shows = wanted;
      this.#sizes = sizes;
      fill(layer, sizes.length - 1, (i) => `${this.#layerName(i)} → ${this.#layerName(i + 1)}`);
      fill(to, sizes[chosen.layer + 1], (i) => unitName(i, chosen.layer + 1, sizes.length - 1));
      fill(from, sizes[chosen.layer], (i) => unitName(i, chosen.layer, sizes.length - 1));
    }
    [layer.value, to.value, from.value] = [chosen.layer, chosen.neuron, chosen.source];
  }

  #layerName(layer) {
    if (layer === 0) return t("pixels");
    return layer === this.#sizes.length - 1 ? t("outputs") : t("hidden layer {layer}", { layer });
  }

  #drawSample(sample) {
    const most = Math.max(...sample.flatMap(({ nudged, backprop }) => [Math.abs(nudged), Math.abs(backprop)])) || 1;
    const at = (value) => SIDE / 2 + (value / most) * (SIDE / 2 - EDGE);
    const points = sample.map(({ nudged, backprop, right }) => {
      const [x, y] = [at(nudged), at(-backprop)];
      return right ? `<circle cx="${x}" cy="${y}" r="4.5"/>` : `<path class="wrong" d="M${x - 5} ${y - 5}L${x + 5} ${y + 5}M${x + 5} ${y - 5}L${x - 5} ${y + 5}"/>`;
    });
    const [right, value] = [sample.filter((each) => each.right).length, precise(most)];
    const [across, up] = [t("nudged: {value}", { value }), t("backprop: {value}", { value })];
    const svg = this.#find("scatter");
    svg.innerHTML = `<rect class="frame" width="300" height="300"/><path class="axis" d="M0 150H300M150 0V300"/>
      <path class="ideal" d="M0 300L300 0"/>${points.join("")}
      <text x="294" y="166" text-anchor="end">${across}</text><text x="156" y="16">${up}</text>`;
    svg.setAttribute("aria-label", t("Gradients of {count} weights: {right} agree with nudging", { count: sample.length, right }));
    this.#set("sample-in-words", sampleInWords(right, sample.length));
  }

  #set(id, text) {
    if (this.#find(id).textContent !== text) this.#find(id).textContent = text;
  }
}

function fill(select, n, nameOf) {
  select.replaceChildren(...Array.from({ length: n }, (_, i) => new Option(nameOf(i), i)));
}

function inWords({ nudged, backprop, error, right }, tolerance) {
  const values = { slope: precise(nudged), gradient: precise(backprop), error: precise(error), limit: precise(tolerance) };
  if (right) return t("Nudging says {slope}, and so does backpropagation. The relative error is {error}, below {limit}: they agree.", values);
  return t("Nudging says {slope}, but backpropagation says {gradient}. The relative error is {error}, above {limit}: they do not agree, and backpropagation is wrong.", values);
}

function sampleInWords(right, count) {
  if (right === count) return t("All {count} weights agree: the gradient is right.", { count });
  return t("Of {count} weights, {wrong} do not agree: the gradient is wrong.", { count, wrong: count - right });
}

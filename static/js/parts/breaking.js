// Sets parts of the network to 0: pixels, neurons, layers. Shows who notices.

import { Cells } from "./cells.js";
import { Change } from "./change.js";
import { example, networkWatch } from "../lib/example.js";
import { follow } from "./lesson.js";
import { listed } from "../lib/words.js";
import { n, t } from "../lib/language.js";
import { placeOf } from "../lib/names.js";

export class Breaking {
  #find;
  #pixels;
  #change;
  #broken = []; // [{layer, unit}, ...]; layer 0 holds the pixels; unit null for a whole layer
  #isOtherNetwork = networkWatch();
  #ask;

  // find: id -> element, for the parts of templates/inside/bug.html
  constructor(find) {
    this.#find = find;
    this.#change = new Change(find("before-and-now"));
    this.#pixels = new Cells(find("pixels"), { name: (index) => this.#nameOf(index) });
    this.#pixels.addEventListener("choose", ({ detail }) => this.#toggle({ layer: 0, unit: detail }));
    this.#ask = follow("break", () => this.#question(), (answer) => this.#show(answer));
    find("hidden").addEventListener("change", () => this.#offerNeurons());
    find("break-neuron").addEventListener("click", () => this.#add({ layer: this.#layer, unit: Number(find("neuron").value) }));
    find("break-layer").addEventListener("click", () => this.#add({ layer: this.#layer, unit: null }));
    find("mend").addEventListener("click", () => this.#mend());
  }

  // Actions

  #toggle(part) {
    if (this.#isBroken(part)) this.#broken = this.#broken.filter((each) => !same(each, part));
    else this.#broken.push(part);
    this.#ask();
  }

  #add(part) {
    if (!this.#isBroken(part)) this.#broken.push(part);
    this.#ask();
  }

  #mend() {
    this.#broken = [];
    this.#ask();
  }

  // Internal

  get #layer() {
    return Number(this.#find("hidden").value);
  }

  // Another network has other parts.
  #question() {
    if (this.#isOtherNetwork()) this.#broken = [];
    return { silenced: this.#broken };
  }

  #isBroken(part) {
    return this.#broken.some((each) => same(each, part));
  }

  #show(answer) {
    this.#change.show(answer);
    this.#offerLayers(answer.model.sizes);
    this.#pixels.show(example.current.pixels, { most: 16, text: (_, i) => (this.#isBroken({ layer: 0, unit: i }) ? "✕" : "") });
    this.#find("broken-in-words").textContent = this.#inWords();
  }

  #offerLayers(sizes) {
    const select = this.#find("hidden");
    if (select.dataset.shows === String(sizes)) return;
    select.dataset.shows = sizes;
    const layers = sizes.slice(1, -1).map((size, i) => new Option(t("{layer}, of {size} neurons", { layer: i + 1, size }), i + 1));
    select.replaceChildren(...layers);
    for (const id of ["break-neuron", "break-layer"]) this.#find(id).disabled = !layers.length;
    if (layers.length) this.#offerNeurons();
  }

  #offerNeurons() {
    const size = Number(this.#find("hidden").dataset.shows.split(",")[this.#layer]);
    this.#find("neuron").replaceChildren(...Array.from({ length: size }, (_, i) => new Option(i + 1, i)));
  }

  #nameOf(index) {
    const place = placeOf(index);
    if (this.#isBroken({ layer: 0, unit: index })) return t("Row {row}, column {column}: broken", place);
    return t("Row {row}, column {column}", place);
  }

  #inWords() {
    if (!this.#broken.length) return t("Nothing is broken.");
    const pixels = this.#broken.filter(({ layer }) => layer === 0).length;
    const layers = this.#broken.filter(({ unit }) => unit === null).length;
    const neurons = this.#broken.length - pixels - layers;
    const parts = [
      pixels && n("{count} pixel", "{count} pixels", pixels),
      neurons && n("{count} neuron", "{count} neurons", neurons),
      layers && n("{count} whole layer", "{count} whole layers", layers),
    ];
    return t("Broken: {parts}.", { parts: listed(parts.filter(Boolean)) });
  }
}

function same(a, b) {
  return a.layer === b.layer && a.unit === b.unit;
}

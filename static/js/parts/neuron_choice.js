// The hidden neurons that an answer tells one by one, as radio buttons with a small picture each.

import { count } from "../lib/numbers.js";
import { fadeEnds } from "./fading.js";
import { t } from "../lib/language.js";

export class NeuronChoice extends EventTarget {
  #element;
  #paint;
  #drawn = "";

  // Event: "choose" (detail: {layer, neuron}).
  // element: an empty one; paint: (canvas, neuron of the answer, layer) -> draws its picture on
  // the canvas and returns what the neuron is called.
  constructor(element, paint) {
    super();
    [this.#element, this.#paint] = [element, paint];
    element.addEventListener("change", ({ target }) => {
      const [layer, neuron] = target.value.split(" ").map(Number);
      this.dispatchEvent(new CustomEvent("choose", { detail: { layer, neuron } }));
    });
  }

  // layers: [{layer, size, more, neurons: [{neuron, ...}, ...]}, ...], of the server's answer;
  // chosen: {layer, neuron}.
  show(layers, chosen) {
    this.#build(layers);
    const labels = this.#element.querySelectorAll("label");
    layers.flatMap(({ layer, neurons }) => neurons.map((neuron) => [layer, neuron])).forEach(([layer, neuron], i) => {
      const name = this.#paint(labels[i].querySelector("canvas"), neuron, layer);
      const input = labels[i].firstElementChild;
      input.setAttribute("aria-label", name);
      input.checked = layer === chosen.layer && neuron.neuron === chosen.neuron;
    });
  }

  // Internal

  // Anew only if other neurons are told: a radio button keeps its focus while numbers change.
  #build(layers) {
    const wanted = JSON.stringify(layers.map(({ layer, more, neurons }) => [layer, more, neurons.map(({ neuron }) => neuron)]));
    if (wanted === this.#drawn) return;
    const hadFocus = this.#element.contains(document.activeElement);
    this.#drawn = wanted;
    this.#element.replaceChildren(...layers.map((layer) => this.#group(layer)));
    if (hadFocus) this.#element.querySelector("input")?.focus();
  }

  #group({ layer, size, more, neurons }) {
    const group = document.createElement("fieldset");
    group.className = "neurons";
    const legend = document.createElement("legend");
    legend.textContent = more
      ? t("Hidden layer {layer}: {shown} of {size} neurons, and {more} more", { layer, shown: neurons.length, size: count(size), more: count(more) })
      : t("Hidden layer {layer}: {size} neurons", { layer, size: count(size) });
    const line = document.createElement("div");
    line.className = "line";
    line.append(...neurons.map(({ neuron }) => this.#item(layer, neuron)));
    group.append(legend, line);
    fadeEnds(line);
    return group;
  }

  #item(layer, neuron) {
    const label = document.createElement("label");
    label.innerHTML = `<input type="radio" name="neuron" value="${layer} ${neuron}"><canvas class="cells" aria-hidden="true"></canvas><span aria-hidden="true">${neuron + 1}</span>`;
    return label;
  }
}

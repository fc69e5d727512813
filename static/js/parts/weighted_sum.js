// A weighted sum as three pictures: the inputs, the weights, and their products, cell by cell. A
// cell that is pointed at stands out in all three, and its product is spelled out.

import { bracketed, count, decimal } from "../lib/numbers.js";
import { Cells, largest } from "./cells.js";
import { placeOf } from "../lib/names.js";
import { t } from "../lib/language.js";

const PICTURES = ["inputs", "weights", "products"];

export class WeightedSum {
  #element;
  #pictures = null;
  #sum = null;
  #layout = "";

  // element: of templates/inside/weighted_sum.html
  constructor(element) {
    this.#element = element;
  }

  // sum: of the server's answer, as nn.inside.forward_pass.WeightedSum; isPicture: whether its inputs are
  // the 64 pixels.
  show(sum, isPicture) {
    this.#sum = { ...sum, isPicture };
    this.#build();
    for (const name of PICTURES) {
      const most = name === "inputs" ? 1 : largest(sum[name]);
      this.#pictures[name].show(sum[name], { most, text: name === "products" ? inCell : undefined });
    }
    this.#say(this.#find("total"), this.#totalInWords());
    this.#spell(this.#pictures.products.chosen);
  }

  // Internal

  #find(part) {
    return this.#element.querySelector(`[data-part=${part}]`);
  }

  #build() {
    const { products, isPicture } = this.#sum;
    const layout = `${products.length} ${isPicture}`;
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.#pictures = Object.fromEntries(PICTURES.map((name) => [name, this.#picture(name)]));
  }

  #picture(name) {
    const place = this.#find(name);
    const element = document.createElement("div");
    element.className = name === "inputs" ? "cells" : "cells signed";
    element.setAttribute("aria-label", place.dataset.name);
    place.replaceChildren(element);
    const cells = new Cells(element, {
      count: this.#sum.products.length,
      columns: Math.ceil(Math.sqrt(this.#sum.products.length)),
      name: (i, value) => this.#nameOf(i, decimal(value)),
    });
    for (const event of ["look", "choose"]) cells.addEventListener(event, ({ detail }) => this.#spell(detail));
    return cells;
  }

  #nameOf(i, value) {
    const source = this.#sum.sources[i];
    if (!this.#sum.isPicture) return t("Neuron {neuron}: {value}", { neuron: source + 1, value });
    return t("Row {row}, column {column}: {value}", { ...placeOf(source), value });
  }

  // index: of a cell, or null for none
  #spell(index) {
    for (const name of PICTURES) this.#pictures[name].chosen = index;
    const text = index === null
      ? t("Point at a cell, tap it, or move to it by Tab and the arrow keys: its product appears here.")
      : this.#productInWords(index);
    this.#say(this.#find("product"), text);
  }

  #productInWords(index) {
    const { sources, inputs, weights, products, isPicture } = this.#sum;
    const source = sources[index];
    const values = {
      input: decimal(inputs[index], 3),
      weight: bracketed(decimal(weights[index], 3)),
      product: decimal(products[index], 3),
    };
    return isPicture
      ? t("Row {row}, column {column}: input {input} × weight {weight} = {product}.", { ...placeOf(source), ...values })
      : t("Neuron {neuron}: input {input} × weight {weight} = {product}.", { neuron: source + 1, ...values });
  }

  #totalInWords() {
    const { products, n_rest, rest, total, bias, z } = this.#sum;
    const text = t("The {number} products add up to {total}. With the bias {bias}, z = {z}.", {
      number: count(products.length + n_rest),
      total: decimal(total, 3),
      bias: decimal(bias, 3),
      z: decimal(z, 3),
    });
    if (!n_rest) return text;
    const values = { text, shown: products.length, number: count(n_rest), rest: decimal(rest, 3) };
    return t("{text} The pictures show the {shown} largest; the other {number} add {rest}.", values);
  }

  #say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }
}

// There is room for one decimal.
function inCell(value) {
  return Math.abs(value) < 0.05 ? "" : decimal(value, 1);
}

// The gradients of all weight matrices but the first, as pictures: a row for each neuron that the
// weights lead to, a column for each that they come from.

import { largest, paintCells } from "./cells.js";
import { count, precise } from "../lib/numbers.js";
import { t } from "../lib/language.js";

// element: a place for them; answer: of POST /api/inside/backward
export function showMatrices(element, { gradients, sizes }) {
  const matrices = gradients.slice(1);
  while (element.children.length > matrices.length) element.lastElementChild.remove();
  while (element.children.length < matrices.length) element.append(figure());
  matrices.forEach((matrix, i) => show(element.children[i], matrix, sizes));
}

function figure() {
  const element = document.createElement("figure");
  element.innerHTML = `<canvas class="cells signed"></canvas><figcaption></figcaption>`;
  return element;
}

function show(element, matrix, sizes) {
  const [canvas, caption] = element.children;
  const flat = matrix.values.flat();
  const text = inWords(matrix, sizes);
  paintCells(canvas, flat, { most: largest(flat), columns: matrix.sources.length, name: text });
  if (caption.textContent !== text) caption.textContent = text;
}

function inWords(matrix, sizes) {
  const { layer, targets, sources } = matrix;
  const isLast = layer === sizes.length - 1;
  const values = {
    layer: layer - 1,
    shown: sources.length,
    size: count(sizes[layer - 1]),
    next: layer,
    next_shown: targets.length,
    next_size: count(sizes[layer]),
    largest: largestInWords(matrix, isLast),
  };
  return isLast
    ? t("Gradient of the weights from hidden layer {layer}, {shown} of {size} neurons, to the ten outputs. {largest}", values)
    : t("Gradient of the weights from hidden layer {layer}, {shown} of {size} neurons, to hidden layer {next}, {next_shown} of {next_size} neurons. {largest}", values);
}

function largestInWords({ targets, sources, values }, isLast) {
  const flat = values.flat();
  const most = largest(flat);
  const place = flat.findIndex((value) => Math.abs(value) === most);
  if (place < 0) return t("All are 0.");
  const [gradient, source] = [precise(flat[place]), sources[place % sources.length] + 1];
  const target = targets[Math.floor(place / sources.length)];
  return isLast
    ? t("The largest of those shown, {gradient}, is from neuron {source} to the output for {digit}.", { gradient, source, digit: target })
    : t("The largest of those shown, {gradient}, is from neuron {source} to neuron {target}.", { gradient, source, target: target + 1 });
}

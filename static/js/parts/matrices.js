// The gradients of all weight matrices but the first, as pictures: a row for each neuron that the
// weights lead to, a column for each that they come from.

import { largest, paintCells } from "./cells.js";
import { count, precise } from "../lib/numbers.js";

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

function show(element, { layer, targets, sources, values }, sizes) {
  const [canvas, caption] = element.children;
  const flat = values.flat();
  const most = largest(flat);
  const place = flat.findIndex((value) => Math.abs(value) === most);
  const target = targets[Math.floor(place / sources.length)];
  const source = sources[place % sources.length] + 1;
  const isLast = layer === sizes.length - 1;
  const into = isLast ? `the output for ${target}` : `neuron ${target + 1}`;
  const to = isLast ? "the ten outputs" : `hidden layer ${layer}, ${targets.length} of ${count(sizes[layer])} neurons`;
  const strongest = place < 0 ? "All are 0." : `The largest, ${precise(flat[place])}, is from neuron ${source} to ${into}.`;
  const text = `Gradient of the weights from hidden layer ${layer - 1}, ${sources.length} of ${count(sizes[layer - 1])} neurons, to ${to}. ${strongest}`;
  paintCells(canvas, flat, { most, columns: sources.length, name: text });
  if (caption.textContent !== text) caption.textContent = text;
}

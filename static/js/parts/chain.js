// The chain rule along one path: its factors in a row, and their product.

import { bracketed, precise } from "../lib/numbers.js";

// list: an empty <ol>; chain: of the server's answer, as nn.backward_pass.Chain; last: the number
// of the output layer.
export function showFactors(list, { factors }, last) {
  list.replaceChildren(...factors.map((factor) => {
    const item = document.createElement("li");
    const [what, where] = [document.createElement("span"), document.createElement("small")];
    const value = document.createElement("strong");
    what.textContent = SYMBOLS[factor.kind];
    value.textContent = bracketed(precise(factor.value));
    where.textContent = PLACES[factor.kind](factor, last);
    item.append(what, value, where);
    return item;
  }));
}

const SYMBOLS = { delta: "a − y", weight: "w", slope: "a (1 − a)", input: "x" };
const PLACES = {
  delta: ({ neuron }) => `how wrong the output for ${neuron} is`,
  weight: ({ layer, neuron, source }, last) => (layer === last ? `weight from neuron ${source + 1} to the output for ${neuron}` : `weight from neuron ${source + 1} to neuron ${neuron + 1}`),
  slope: ({ layer, neuron }) => `slope of neuron ${neuron + 1} in hidden layer ${layer}`,
  input: ({ neuron }) => `pixel in ${pixelName(neuron)}`,
};

// 10 -> "row 2, column 3".
export function pixelName(pixel) {
  return `row ${Math.floor(pixel / 8) + 1}, column ${(pixel % 8) + 1}`;
}

// The chain rule along one path: its factors, one below the other.

import { precise } from "../lib/numbers.js";
import { unitName } from "../lib/names.js";

const SYMBOLS = { delta: "a − y", weight: "w", slope: "a (1 − a)", input: "x" };
const PLACES = {
  delta: ({ neuron, layer }, last) => `how wrong ${unitName(neuron, layer, last)} is`,
  weight: ({ layer, neuron, source }, last) => `weight from ${unitName(source, layer - 1, last)} to ${unitName(neuron, layer, last)}`,
  slope: ({ layer, neuron }, last) => `slope of ${unitName(neuron, layer, last)}`,
  input: ({ neuron }, last) => `pixel in ${unitName(neuron, 0, last)}`,
};

// body: an empty <tbody>; factors: of the server's answer, as nn.backward_pass.Factor; last: the
// number of the output layer.
export function showFactors(body, factors, last) {
  body.replaceChildren(...factors.map((factor, i) => {
    const row = document.createElement("tr");
    const texts = [i ? "×" : "", SYMBOLS[factor.kind], precise(factor.value), PLACES[factor.kind](factor, last)];
    for (const text of texts) row.insertCell().textContent = text;
    return row;
  }));
}

// The chain rule along one path: its factors, one below the other.

import { precise } from "../lib/numbers.js";
import { unitName } from "../lib/names.js";

const SYMBOLS = { delta: "a − y", weight: "w", slope: "a (1 − a)", input: "x" };
const PLACES = {
  delta: ({ neuron, layer }, sizes) => `how wrong ${unitName(neuron, layer, sizes)} is`,
  weight: ({ layer, neuron, source }, sizes) => `weight from ${unitName(source, layer - 1, sizes)} to ${unitName(neuron, layer, sizes)}`,
  slope: ({ layer, neuron }, sizes) => `slope of ${unitName(neuron, layer, sizes)}`,
  input: ({ neuron }, sizes) => `pixel in ${unitName(neuron, 0, sizes)}`,
};

// body: an empty <tbody>; factors: of the server's answer, as nn.backward_pass.Factor; sizes: of the
// network's layers.
export function showFactors(body, factors, sizes) {
  body.replaceChildren(...factors.map((factor, i) => {
    const row = document.createElement("tr");
    const texts = [i ? "×" : "", SYMBOLS[factor.kind], precise(factor.value), PLACES[factor.kind](factor, sizes)];
    for (const text of texts) row.insertCell().textContent = text;
    return row;
  }));
}

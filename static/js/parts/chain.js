// The chain rule along one path: its factors, one below the other.

import { precise } from "../lib/numbers.js";
import { t } from "../lib/language.js";
import { unitName } from "../lib/names.js";

const SYMBOLS = { delta: "a − y", weight: "w", slope: "a (1 − a)", input: "x" };
const PLACES = {
  delta: ({ neuron, layer }, last) => t("how wrong {unit} is", { unit: unitName(neuron, layer, last) }),
  weight: ({ layer, neuron, source }, last) =>
    t("weight from {from} to {to}", { from: unitName(source, layer - 1, last), to: unitName(neuron, layer, last) }),
  slope: ({ layer, neuron }, last) => t("slope of {unit}", { unit: unitName(neuron, layer, last) }),
  input: ({ neuron }, last) => t("pixel in {place}", { place: unitName(neuron, 0, last) }),
};

// body: an empty <tbody>; factors: of the server's answer, as nn.inside.backward_pass.Factor; last: the
// number of the output layer.
export function showFactors(body, factors, last) {
  body.replaceChildren(...factors.map((factor, i) => {
    const row = document.createElement("tr");
    const texts = [i ? "×" : "", SYMBOLS[factor.kind], precise(factor.value), PLACES[factor.kind](factor, last)];
    for (const text of texts) row.insertCell().textContent = text;
    row.cells[1].translate = false;
    return row;
  }));
}

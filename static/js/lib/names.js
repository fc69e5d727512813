// How the pages name parts of a network.

import { count } from "./numbers.js";
import { t } from "./language.js";

const SIDE = 8; // cells of a picture

// Where a cell of a picture lies, counted from 1: {row, column}.
export function placeOf(cell) {
  return { row: Math.floor(cell / SIDE) + 1, column: (cell % SIDE) + 1 };
}

// A pixel, a neuron or an output. layer: its number, 0 for the pixels; last: that of the outputs.
export function unitName(unit, layer, last) {
  if (layer === 0) return t("row {row}, column {column}", placeOf(unit));
  return layer === last ? t("output {digit}", { digit: unit }) : t("neuron {neuron}", { neuron: unit + 1 });
}

// A weight: where it comes from and where it leads to.
// sizes: of the layers, the pixels first
export function weightName({ layer, neuron, source }, sizes) {
  const last = sizes.length - 1;
  const [from, to] = [unitName(source, layer, last), unitName(neuron, layer + 1, last)];
  if (last > 2 && layer === 0) return t("{from} → {to} of hidden layer 1", { from, to });
  return last > 2 ? t("{from} of hidden layer {layer} → {to}", { from, layer, to }) : t("{from} → {to}", { from, to });
}

// The sizes of layers: "64, 384, 96, 10".
export function sizesInWords(sizes) {
  return sizes.map(count).reduce((numbers, number) => t("{numbers}, {number}", { numbers, number }));
}

// How the pages name parts of a network.

// A pixel, a neuron or an output. layer: its number, 0 for the pixels; last: that of the outputs.
export function unitName(unit, layer, last) {
  if (layer === 0) return `row ${Math.floor(unit / 8) + 1}, column ${(unit % 8) + 1}`;
  return layer === last ? `output ${unit}` : `neuron ${unit + 1}`;
}

// A weight: where it comes from and where it leads to.
// sizes: of the layers, the pixels first
export function weightName({ layer, neuron, source }, sizes) {
  const last = sizes.length - 1;
  const [from, to] = [unitName(source, layer, last), unitName(neuron, layer + 1, last)];
  if (last > 2 && layer === 0) return `${from} → ${to} of hidden layer 1`;
  return last > 2 ? `${from} of hidden layer ${layer} → ${to}` : `${from} → ${to}`;
}

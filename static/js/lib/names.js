// How the pages name parts of a network. sizes: of the layers, the pixels first.

// A pixel, a neuron or an output.
export function unitName(unit, layer, sizes) {
  if (layer === 0) return `row ${Math.floor(unit / 8) + 1}, column ${(unit % 8) + 1}`;
  if (layer === sizes.length - 1) return `output ${unit}`;
  return sizes.length > 3 ? `neuron ${unit + 1} of hidden layer ${layer}` : `neuron ${unit + 1}`;
}

// A weight: where it comes from and where it leads to.
export function weightName({ layer, neuron, source }, sizes) {
  return `${unitName(source, layer, sizes)} → ${unitName(neuron, layer + 1, sizes)}`;
}

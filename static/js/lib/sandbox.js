// How the pages name parts of a network.

// The name of a weight as the beginning of a sentence.
// sizes: of the layers, the pixels first
export function named({ layer, neuron, source }, sizes) {
  const to = layer === sizes.length - 2 ? `the output for ${neuron}` : `neuron ${neuron + 1} of hidden layer ${layer + 1}`;
  if (layer === 0) return `The weight from row ${Math.floor(source / 8) + 1}, column ${(source % 8) + 1} to ${to}`;
  return `The weight from neuron ${source + 1} of hidden layer ${layer} to ${to}`;
}

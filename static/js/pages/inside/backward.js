// Step "backward": the deltas of each layer, the gradients as pictures, and the chain rule along
// one path.

import { Cells, isBlank, largest, paintCells } from "../../parts/cells.js";
import { count, decimal, precise } from "../../lib/numbers.js";
import { showFactors } from "../../parts/chain.js";
import { DigitChoice } from "../../parts/digit_choice.js";
import { NeuronChoice } from "../../parts/neuron_choice.js";
import { follow } from "../../parts/lesson.js";
import { networkWatch } from "../../lib/example.js";
import { showMatrices } from "../../parts/matrices.js";
import { t } from "../../lib/language.js";
import { unitName, weightName } from "../../lib/names.js";

const CLOSE = 0.2; // a delta up to this is small

const find = (id) => document.getElementById(id);
const label = new DigitChoice(find("label"), "label");
const path = new DigitChoice(find("path"), "path");
const choice = new NeuronChoice(find("neurons"), paintGradient);
const pixelName = (pixel) => unitName(pixel, 0);
const pixels = new Cells(find("pixels"), {
  name: (i, value) => t("Weight from {pixel}: gradient {gradient}", { pixel: pixelName(i), gradient: precise(value) }),
});
let latest = null;
let wanted = {}; // what a person chose: {layer, neuron, pixel}
const isOtherNetwork = networkWatch();

const ask = follow("backward", question, (answer) => {
  latest = answer;
  label.show(answer.label);
  find("example-in-words").textContent = exampleInWords(answer);
  showDeltas(answer);
  showNeurons();
  showMatrices(find("matrices"), answer);
  showWeights(answer);
  showChain(answer);
});

label.addEventListener("choose", ask);
path.addEventListener("choose", ask);
choice.addEventListener("choose", ({ detail }) => {
  wanted = { ...detail, pixel: wanted.pixel };
  if (detail.layer === 1) ask();
  else showNeurons();
});
pixels.addEventListener("choose", ({ detail }) => {
  wanted = { layer: 1, neuron: latest.chain.neuron, pixel: detail };
  ask();
});

// Another network may lack the neuron that was chosen.
function question() {
  if (isOtherNetwork()) wanted = {};
  const neuron = wanted.layer === 1 ? wanted.neuron : null;
  return { label: label.digit, output: path.digit, neuron, pixel: wanted.pixel ?? null };
}

// What a gradient is, by the weight that wants to change most.
function exampleInWords({ weights, sizes }) {
  const { layer, source, target, gradient } = weights.reduce((most, weight) => (Math.abs(weight.gradient) > Math.abs(most.gradient) ? weight : most));
  const values = {
    weight: weightName({ layer: layer - 1, neuron: target, source }, sizes),
    gradient: precise(gradient),
    amount: roughly(Math.abs(gradient) / 100),
  };
  return gradient < 0
    ? t("The weight {weight} has gradient {gradient}: make it 0.01 larger, and the cost falls by about {amount}.", values)
    : t("The weight {weight} has gradient {gradient}: make it 0.01 larger, and the cost rises by about {amount}.", values);
}

// Two digits that count, as a plain number unless it is tiny.
function roughly(amount) {
  return amount < 1e-6 ? precise(amount) : String(Number(amount.toPrecision(2)));
}

function showDeltas({ deltas, label: right, outputs, digit, inputs }) {
  [...find("deltas").children].forEach((item, i) => {
    paintCells(item.firstElementChild, [deltas[i]], { most: 1, columns: 1 });
    item.querySelector(".value").textContent = decimal(deltas[i], 4);
  });
  find("deltas-in-words").textContent = t("The output for {digit} should be 1 and is {output}: its delta is {delta}. All others should be 0, so their deltas are the outputs themselves. {end}", {
    digit: right,
    output: decimal(outputs[right], 4),
    delta: decimal(deltas[right], 4),
    end: meaningOf(deltas, right === digit, isBlank(inputs)),
  });
}

function meaningOf(deltas, isRead, nothing) {
  if (nothing) return t("Nothing is drawn, so no digit is right: this is what would change if you chose one all the same.");
  if (!isRead) return t("The network is wrong, so much wants to change.");
  if (largest(deltas) > CLOSE) return t("The network is right, but not sure, so the weights still want to change.");
  return t("The network is right, so little wants to change. Choose another digit above, and see what a mistake does.");
}

// In the first layer the picture of a neuron is the gradient of its 64 weights.
function paintGradient(canvas, { neuron, delta }, layer) {
  canvas.classList.add("signed");
  const picture = layer === 1 ? gradientOf(neuron) : [delta];
  paintCells(canvas, picture, { most: mostOf(layer), columns: layer === 1 ? 8 : 1 });
  return t("Neuron {neuron}: delta {delta}", { neuron: neuron + 1, delta: precise(delta) });
}

function gradientOf(neuron) {
  const { targets, values } = latest.gradients[0];
  return values[targets.indexOf(neuron)];
}

// All pictures of a layer share their scale.
function mostOf(layer) {
  if (layer === 1) return largest(latest.gradients[0].values.flat());
  return largest(latest.layers[layer - 1].neurons.map(({ delta }) => delta));
}

function showNeurons() {
  const told = latest.layers.flatMap(({ layer, neurons }) => neurons.map((neuron) => ({ layer, ...neuron })));
  const chosen = told.find(({ layer, neuron }) => layer === wanted.layer && neuron === wanted.neuron)
    ?? told.find(({ layer, neuron }) => layer === 1 && neuron === latest.chain.neuron);
  choice.show(latest.layers, chosen ?? {});
  find("neuron-in-words").textContent = chosen ? neuronInWords(chosen) : t("This network has no hidden neurons.");
}

function neuronInWords({ layer, neuron, arriving, slope, delta }) {
  return t("Neuron {neuron} of hidden layer {layer}: {arriving} arrives from the next layer. Times its slope a (1 − a) = {slope}, that is δ = {delta}.", {
    neuron: neuron + 1,
    layer,
    arriving: precise(arriving),
    slope: precise(slope),
    delta: precise(delta),
  });
}

// Three of each layer, below a line that names the layer.
function showWeights({ weights, sizes }) {
  const last = sizes.length - 1;
  const rows = weights.flatMap(({ layer, source, target, value, gradient }, i) => {
    const name = t("{from} → {to}", { from: unitName(source, layer - 1, last), to: unitName(target, layer, last) });
    const row = rowOf([name, precise(value), precise(gradient), wish(gradient)]);
    return layer === weights[i - 1]?.layer ? [row] : [heading(layer, last), row];
  });
  find("weights").replaceChildren(...rows);
}

function wish(gradient) {
  if (gradient === 0) return t("stay");
  return gradient < 0 ? t("grow") : t("shrink");
}

function heading(layer, last) {
  const row = document.createElement("tr");
  row.innerHTML = `<th scope="rowgroup" colspan="4"></th>`;
  row.firstElementChild.textContent = layer === last ? t("To the outputs") : t("To hidden layer {layer}", { layer });
  return row;
}

function rowOf(texts) {
  const row = document.createElement("tr");
  for (const text of texts) row.insertCell().textContent = text;
  return row;
}

function showChain({ chain, sizes }) {
  pixels.show(chain.gradients);
  pixels.chosen = chain.pixel;
  path.show(chain.output, chain.by_output.map(precise));
  showFactors(find("factors"), chain.factors, sizes.length - 1);
  find("product").textContent = precise(chain.product);
  const values = {
    neuron: chain.neuron + 1,
    number: count(chain.n_paths),
    pixel: pixelName(chain.pixel),
    gradient: precise(chain.gradient),
  };
  find("gradient-in-words").textContent = t("From neuron {neuron} to the ten outputs there are {number} paths. All of them together give the gradient of this weight, from {pixel} to neuron {neuron}: {gradient}.", values);
}

// Step "model": the network as a diagram, and what each hidden neuron looks for.

import { count, decimal } from "../../lib/numbers.js";
import { largest, paintCells } from "../../parts/cells.js";
import { Diagram } from "../../parts/diagram.js";
import { DigitChoice } from "../../parts/digit_choice.js";
import { NeuronChoice } from "../../parts/neuron_choice.js";
import { follow } from "../../parts/lesson.js";
import { placeOf, sizesInWords } from "../../lib/names.js";
import { t } from "../../lib/language.js";
import { withArticle } from "../../lib/words.js";

const find = (id) => document.getElementById(id);
const output = new DigitChoice(find("output"), "output");
const diagram = new Diagram(find("diagram"));
const choice = new NeuronChoice(find("neurons"), paintSmall);
let latest = null;
let wanted = null; // the neuron that a person chose: {layer, neuron}

const ask = follow("model", () => ({ output: output.digit }), (answer) => {
  latest = answer;
  output.show(answer.output);
  diagram.show(answer);
  find("diagram-in-words").textContent = strongestInWords(answer);
  find("size-in-words").textContent = sizeInWords(answer);
  showNeuron();
});

output.addEventListener("choose", ask);
for (const part of [choice, diagram]) {
  part.addEventListener("choose", ({ detail }) => {
    wanted = detail;
    showNeuron();
  });
}

function paintSmall(canvas, { neuron, looks_for, a }) {
  canvas.classList.add("signed");
  paintCells(canvas, looks_for, { most: largest(looks_for) });
  return t("Neuron {neuron}: activation {a}", { neuron: neuron + 1, a: decimal(a) });
}

function strongestInWords({ layers, output: digit }) {
  const strongest = layers.at(-1)?.neurons[0];
  if (!strongest) return t("This network has no hidden layer: every pixel leads straight to the ten outputs.");
  const { neuron, raises } = strongest;
  const values = { a_digit: withArticle(digit), neuron: neuron + 1, amount: decimal(Math.abs(raises)) };
  return raises < 0
    ? t("For {a_digit}, neuron {neuron} of the last hidden layer matters most: its activation times its weight lowers the sum of the output by {amount}.", values)
    : t("For {a_digit}, neuron {neuron} of the last hidden layer matters most: its activation times its weight raises the sum of the output by {amount}.", values);
}

function sizeInWords({ sizes, parameters }) {
  return t("This network has {number} weights and biases, in layers of {sizes} neurons. Nobody chose them: it learned them all.", {
    number: count(parameters),
    sizes: sizesInWords(sizes),
  });
}

// The neuron that a person chose, if it is told; the one that matters most otherwise.
function chosen() {
  const told = latest.layers.flatMap(({ layer, neurons }) => neurons.map((neuron) => ({ layer, ...neuron })));
  return told.find(({ layer, neuron }) => layer === wanted?.layer && neuron === wanted?.neuron) ?? told[0];
}

function showNeuron() {
  const neuron = chosen();
  find("one-neuron").hidden = !neuron;
  if (!neuron) return choice.show([], {});
  choice.show(latest.layers, neuron);
  diagram.chosen = wanted && neuron;
  const { looks_for, excited_by } = neuron;
  paintCells(find("looks-for"), looks_for, { most: largest(looks_for), name: nameOf(neuron) });
  find("neuron-in-words").textContent = neuronInWords(neuron);
  [...find("examples").children].forEach((item, i) => showExample(item, excited_by, i));
}

function nameOf({ layer, neuron, looks_for }) {
  const best = looks_for.indexOf(Math.max(...looks_for));
  return t("What neuron {neuron} of hidden layer {layer} looks for: ink in row {row}, column {column} raises it most", {
    neuron: neuron + 1,
    layer,
    ...placeOf(best),
  });
}

function neuronInWords({ layer, neuron, a, raises }) {
  const values = { neuron: neuron + 1, layer, a: decimal(a), digit: latest.output, amount: decimal(Math.abs(raises)) };
  const text = raises < 0
    ? t("Neuron {neuron} of hidden layer {layer} has activation {a} for this drawing. It lowers the sum of the output for {digit} by {amount}.", values)
    : t("Neuron {neuron} of hidden layer {layer} has activation {a} for this drawing. It raises the sum of the output for {digit} by {amount}.", values);
  if (layer === 1) return text;
  return t("{text} It sees pixels only through the neurons before it: its picture shows what one more bit of ink would change for this drawing.", { text });
}

function showExample(item, { pixels, labels, activations }, i) {
  const [canvas, text] = item.children;
  const name = t("{a_digit}, activation {a}", { a_digit: withArticle(labels[i]), a: decimal(activations[i]) });
  paintCells(canvas, pixels[i], { most: 16, name });
  text.textContent = decimal(activations[i]);
}

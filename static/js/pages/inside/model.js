// Step "model": the network as a diagram, and what each hidden neuron looks for.

import { count, decimal } from "../../lib/numbers.js";
import { largest, paintCells } from "../../parts/cells.js";
import { Diagram } from "../../parts/diagram.js";
import { DigitChoice } from "../../parts/digit_choice.js";
import { NeuronChoice } from "../../parts/neuron_choice.js";
import { follow } from "../../parts/lesson.js";
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

function paintSmall(canvas, { looks_for, a }) {
  canvas.classList.add("signed");
  paintCells(canvas, looks_for, { most: largest(looks_for) });
  return `activation ${decimal(a)}`;
}

function strongestInWords({ layers, output: digit }) {
  const strongest = layers.at(-1)?.neurons[0];
  if (!strongest) return "This network has no hidden layer: every pixel leads straight to the ten outputs.";
  const { neuron, raises } = strongest;
  const verb = raises < 0 ? "lowers" : "raises";
  return `For ${withArticle(digit)}, neuron ${neuron + 1} of the last hidden layer matters most: its activation times its weight ${verb} the sum of the output by ${decimal(Math.abs(raises))}.`;
}

function sizeInWords({ sizes, parameters }) {
  return `This network has ${count(parameters)} weights and biases, in layers of ${sizes.map(count).join(", ")} neurons. Nobody chose them: it learned them all.`;
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
  const name = `What neuron ${neuron.neuron + 1} of hidden layer ${neuron.layer} looks for: ${inkOf(looks_for)}`;
  paintCells(find("looks-for"), looks_for, { most: largest(looks_for), name });
  find("neuron-in-words").textContent = neuronInWords(neuron);
  [...find("examples").children].forEach((item, i) => showExample(item, excited_by, i));
}

function inkOf(looks_for) {
  const best = looks_for.indexOf(Math.max(...looks_for));
  return `ink in row ${Math.floor(best / 8) + 1}, column ${(best % 8) + 1} raises it most`;
}

function neuronInWords({ layer, neuron, a, raises }) {
  const verb = raises < 0 ? "lowers" : "raises";
  const roundabout = layer === 1 ? "" : " It sees pixels only through the neurons before it: its picture shows what one more bit of ink would change for this drawing.";
  return `Neuron ${neuron + 1} of hidden layer ${layer} has activation ${decimal(a)} for this drawing. It ${verb} the sum of the output for ${latest.output} by ${decimal(Math.abs(raises))}.${roundabout}`;
}

function showExample(item, { pixels, labels, activations }, i) {
  const [canvas, text] = item.children;
  paintCells(canvas, pixels[i], { most: 16, name: `${withArticle(labels[i])}, activation ${decimal(activations[i])}` });
  text.textContent = decimal(activations[i]);
}

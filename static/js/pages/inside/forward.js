// Step "forward": a neuron and an output as sums of products, and softmax with its temperature.

import { decimal, precise } from "../../lib/numbers.js";
import { isBlank, paintCells } from "../../parts/cells.js";
import { DigitChoice } from "../../parts/digit_choice.js";
import { NeuronChoice } from "../../parts/neuron_choice.js";
import { WeightedSum } from "../../parts/weighted_sum.js";
import { follow } from "../../parts/lesson.js";
import { networkWatch } from "../../lib/example.js";
import { t } from "../../lib/language.js";

const EDGE = 8; // the largest |z| on the curve

const find = (id) => document.getElementById(id);
const output = new DigitChoice(find("output"), "output");
const choice = new NeuronChoice(find("neurons"), paintActivation);
const chosen = new WeightedSum(find("chosen"));
const outgoing = new WeightedSum(find("outgoing"));
let wanted = null; // the neuron that a person chose: {layer, neuron}
const isOtherNetwork = networkWatch();

const ask = follow("forward", question, (answer) => {
  output.show(answer.output);
  choice.show(answer.layers, answer.chosen);
  chosen.show(answer.chosen, answer.chosen.layer === 1);
  showSigmoid(answer.chosen);
  outgoing.show(answer.outgoing, answer.outgoing.layer === 1);
  find("output-in-words").textContent = outputInWords(answer);
  showSoftmax(answer);
});

output.addEventListener("choose", ask);
choice.addEventListener("choose", ({ detail }) => {
  wanted = detail;
  ask();
});

// Another network may lack the neuron that was chosen.
function question() {
  if (isOtherNetwork()) wanted = null;
  return { output: output.digit, ...wanted };
}

function paintActivation(canvas, { neuron, a }) {
  paintCells(canvas, [a], { most: 1, columns: 1 });
  return t("Neuron {neuron}: activation {a}", { neuron: neuron + 1, a: decimal(a) });
}

function showSigmoid({ neuron, z, a }) {
  const x = 160 + 20 * Math.max(-EDGE, Math.min(EDGE, z));
  const y = 110 - 100 * a;
  const values = { neuron: neuron + 1, z: decimal(z, 3), a: decimal(a, 3) };
  find("sigmoid").setAttribute("aria-label", t("The sigmoid curve: at z = {z} it gives {a}", values));
  find("sigmoid-dot").setAttribute("cx", x);
  find("sigmoid-dot").setAttribute("cy", y);
  find("sigmoid-lines").setAttribute("d", `M${x} 110V${y}H0`);
  find("sigmoid-in-words").textContent = t("The sigmoid squeezes every z to between 0 and 1. For neuron {neuron}, z = {z} becomes the activation a = {a}.", values);
}

function outputInWords({ output: digit, outgoing: { z, a }, digit: read, inputs }) {
  const values = { digit, z: decimal(z, 3), a: decimal(a, 3), read };
  if (isBlank(inputs)) {
    return t("Nothing is drawn: every input is 0, so no digit is the answer. The biases still give the output for {digit} z = {z}. Its activation is σ(z) = {a}.", values);
  }
  return digit === read
    ? t("The output for {digit} has z = {z}, the largest z of the ten, so this digit is the answer. Its activation is σ(z) = {a}.", values)
    : t("The output for {digit} has z = {z}, not the largest: that one belongs to {read}. Its activation is σ(z) = {a}.", values);
}

function showSoftmax({ outputs, logits, relative_odds, sum_of_odds, probabilities, temperature, digit }) {
  [...find("softmax").rows].forEach((row, d) => {
    const values = [decimal(outputs[d], 3), decimal(logits[d], 3), precise(relative_odds[d]), decimal(probabilities[d], 4)];
    values.forEach((text, i) => (row.cells[i + 1].textContent = text));
    row.toggleAttribute("data-largest", d === digit);
  });
  find("temperature-in-words").textContent = temperatureInWords(temperature);
  find("sum-in-words").textContent = t("The e column adds up to {sum}. For {digit}: {odds} divided by {sum} is {probability}.", {
    digit,
    sum: precise(sum_of_odds),
    odds: precise(relative_odds[digit]),
    probability: decimal(probabilities[digit], 4),
  });
}

function temperatureInWords(temperature) {
  if (temperature === 1) return t("T is the temperature. It is 1 for this network, so it changes nothing.");
  return t("T is the temperature, {temperature} for this network. Above 1 it makes the answer less certain, below 1 more. It was fitted after training, so that it is right about 8 times in 10 when it says 80%.", {
    temperature: decimal(temperature, 3),
  });
}

// Step "train": the article's experiment from random weights, epoch by epoch.

import { Training } from "../../parts/training.js";
import { Curves } from "../../parts/curves.js";
import { inPercent } from "../../lib/figures.js";
import { largest, paintCells } from "../../parts/cells.js";
import { percent } from "../../parts/bars.js";
import { precise } from "../../lib/numbers.js";

const EPOCHS = 100;
const LINES = ["test", "training"];
const IDLE = "Press Start: the pictures and curves below follow every epoch.";

const find = (id) => document.getElementById(id);
const curves = {
  accuracy: new Curves(find("accuracy"), { name: "Accuracy", percent: true, lines: LINES }),
  cost: new Curves(find("cost"), { name: "Cost", lines: LINES }),
};
const training = new Training(() => ({ learning_rate: Number(rate()), seed: Number(find("seed").value) }), EPOCHS);
const pictures = [...find("neurons").children];

function rate() {
  return document.querySelector("[name=rate]:checked").value;
}

function show() {
  const last = training.epochs.at(-1);
  showNeurons(last);
  const points = (test, own) => training.epochs.map((epoch) => [epoch.number, epoch[test], epoch[own]]);
  curves.accuracy.show(points("test_accuracy", "accuracy"), EPOCHS);
  curves.cost.show(points("test_cost", "cost"), EPOCHS);
  say("epoch-in-words", last ? inWords(last) : IDLE);
  say("stop-in-words", stopInWords());
}

function showNeurons(last) {
  const most = last ? largest(last.neurons.flat()) : 1;
  pictures.forEach((canvas, i) => {
    const weights = last ? last.neurons[i] : new Array(64).fill(0);
    const strongest = precise(largest(weights));
    const name = last ? `Neuron ${i + 1}: its largest weight is ${strongest} in size` : `Neuron ${i + 1}: not yet there`;
    paintCells(canvas, weights, { most, name });
  });
}

function inWords({ number, test_accuracy, answer }) {
  const right = inPercent(test_accuracy);
  if (answer.digit === null) return `After epoch ${number} it reads ${right} of the test digits.`;
  const sure = percent(answer.probabilities[answer.digit]);
  return `After epoch ${number} it reads ${right} of the test digits. In your drawing it sees ${answer.digit}, at ${sure}.`;
}

function stopInWords() {
  if (training.epochs.length < 2) return "The answer comes with the epochs.";
  const last = training.epochs.at(-1);
  const best = training.epochs.reduce((a, b) => (b.test_cost < a.test_cost ? b : a));
  if (best === last) return `The test cost is at its smallest, ${precise(best.test_cost)}: go on.`;
  return `The test cost was smallest after epoch ${best.number}: ${precise(best.test_cost)}. Now it is ${precise(last.test_cost)}, and the training cost is ${precise(last.cost)}.`;
}

function showState() {
  const goOn = training.epochs.length ? "Go on" : "Start";
  find("go").textContent = training.isRunning ? "Pause" : goOn;
  find("go").disabled = training.isComplete;
  find("eta").textContent = rate();
}

function say(id, sentence) {
  if (find(id).textContent !== sentence) find(id).textContent = sentence;
}

function begin() {
  training.again();
  show();
}

training.addEventListener("epoch", show);
training.addEventListener("state", showState);
training.addEventListener("lost", ({ detail }) => say("epoch-in-words", detail));
find("go").addEventListener("click", () => (training.isRunning ? training.pause() : training.start()));
find("again").addEventListener("click", begin);
find("rates").addEventListener("change", begin);
find("seed").addEventListener("change", begin);
show();
showState();

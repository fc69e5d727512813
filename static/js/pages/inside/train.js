// Step "train": the article's experiment from random weights, epoch by epoch.

import { Training } from "../../parts/training.js";
import { Curves } from "../../parts/curves.js";
import { NumberField } from "../../parts/number_field.js";
import { inPercent } from "../../lib/figures.js";
import { largest, paintCells } from "../../parts/cells.js";
import { percent } from "../../parts/bars.js";
import { precise } from "../../lib/numbers.js";
import { t } from "../../lib/language.js";

const EPOCHS = 100;
const LINES = ["test", "training"];
const LAST_SEED = 2 ** 31 - 1;
const IDLE = t("Press Start: the pictures and curves below follow every epoch.");

const find = (id) => document.getElementById(id);
const curves = {
  accuracy: new Curves(find("accuracy"), { name: t("Accuracy"), percent: true, lines: LINES, t }),
  cost: new Curves(find("cost"), { name: t("Cost"), lines: LINES, t }),
};
const seedField = new NumberField(
  find("seed"),
  find("seed-problem"),
  (number) => Number.isInteger(number) && number >= 0 && number <= LAST_SEED,
  t("The random seed must be a whole number from 0 to {last}.", { last: LAST_SEED }),
);
let seed = 0; // of the training under way, whatever is typed meanwhile
const training = new Training(() => ({ learning_rate: Number(rate()), seed }), EPOCHS);
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
    const values = { neuron: i + 1, weight: precise(largest(weights)) };
    const name = last ? t("Neuron {neuron}: its largest weight is {weight} in size", values) : t("Neuron {neuron}: not yet there", values);
    paintCells(canvas, weights, { most, name });
  });
}

function inWords({ number, test_accuracy, answer: { digit, probabilities } }) {
  const values = { epoch: number, share: inPercent(test_accuracy), digit };
  if (digit === null) return t("After epoch {epoch} it reads {share} of the test digits.", values);
  const certainty = percent(probabilities[digit]);
  return t("After epoch {epoch} it reads {share} of the test digits. In your drawing it sees {digit}, at {certainty}.", { certainty, ...values });
}

function stopInWords() {
  if (training.epochs.length < 2) return t("The answer comes with the epochs.");
  const last = training.epochs.at(-1);
  const best = training.epochs.reduce((a, b) => (b.test_cost < a.test_cost ? b : a));
  const smallest = precise(best.test_cost);
  if (best === last) return t("The test cost is at its smallest, {smallest}: go on.", { smallest });
  const values = { epoch: best.number, smallest, now: precise(last.test_cost), training: precise(last.cost) };
  return t("The test cost was smallest after epoch {epoch}: {smallest}. Now it is {now}, and the training cost is {training}.", values);
}

function showState() {
  const goOn = training.epochs.length ? t("Go on") : t("Start");
  find("go").textContent = training.isRunning ? t("Pause") : goOn;
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
find("go").addEventListener("click", () => {
  if (training.isRunning) {
    training.pause();
    return;
  }
  const chosen = seedField.read();
  if (chosen === null) return;
  seed = chosen;
  training.start();
});
find("again").addEventListener("click", begin);
find("rates").addEventListener("change", begin);
find("seed").addEventListener("change", begin);
show();
showState();

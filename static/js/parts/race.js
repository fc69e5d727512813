// Trains the article's network twice from the same random weights: with its printed line for the
// hidden gradient, and with the right one.

import { Curves } from "./curves.js";
import { Training } from "./training.js";
import { inPercent } from "../lib/figures.js";
import { t } from "../lib/language.js";

const EPOCHS = 50; // the article's

export class Race {
  #find;
  #curves;
  #runs = [true, false].map((printed) => new Training(() => ({ learning_rate: 0.1, seed: 0, printed }), EPOCHS));

  // find: id -> element, for the parts of templates/inside/bug.html
  constructor(find) {
    this.#find = find;
    this.#curves = new Curves(find("accuracy"), { name: t("Accuracy"), percent: true, lines: ["test"], t });
    for (const run of this.#runs) {
      run.addEventListener("epoch", () => this.#show());
      run.addEventListener("state", () => this.#showState());
    }
    find("go").addEventListener("click", () => this.#toggle());
    find("again").addEventListener("click", () => this.#again());
    this.#show();
  }

  // Internal

  get #isRunning() {
    return this.#runs.some((run) => run.isRunning);
  }

  #toggle() {
    const wasRunning = this.#isRunning;
    for (const run of this.#runs) wasRunning ? run.pause() : run.start();
  }

  #again() {
    for (const run of this.#runs) run.again();
    this.#show();
  }

  #show() {
    const [printed, right] = this.#runs.map(({ epochs }) => epochs);
    const points = (epochs) => epochs.map(({ number, test_accuracy: share }) => [number, share]);
    this.#curves.show(points(printed), EPOCHS, { second: points(right) });
    const both = Math.min(printed.length, right.length) - 1; // one may be an epoch ahead
    this.#find("race-in-words").textContent = inWords(printed[both], right[both]);
  }

  #showState() {
    const [button, runs] = [this.#find("go"), this.#runs];
    const goOn = runs[0].epochs.length ? t("Go on") : t("Train both");
    button.textContent = this.#isRunning ? t("Pause") : goOn;
    button.disabled = runs.every((run) => run.isComplete);
  }
}

function inWords(printed, right) {
  if (!printed || !right) return t("Fifty epochs take some seconds.");
  const [wrong, well] = [printed, right].map(({ test_accuracy: share }) => inPercent(share));
  return t("With the faulty code it reads {wrong} of the test digits after epoch {epoch}. With the correct code it reads {well}.", { wrong, epoch: printed.number, well });
}

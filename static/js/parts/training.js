// The article's experiment, one epoch after the other: the weights come with each answer and go
// back with the next question.

import { asker } from "./lesson.js";
import { example } from "../lib/example.js";

export class Training extends EventTarget {
  #fields;
  #most;
  #ask;
  #weights = null;
  #isRunning = false;

  epochs = []; // the server's answers so far

  // Events: "epoch" (detail: the server's answer), "lost" (detail: a sentence), and "state" when
  // it starts or stops, and after an epoch.
  // fields: a function that returns {learning_rate, seed, printed}; most: epochs
  constructor(fields, most) {
    super();
    [this.#fields, this.#most] = [fields, most];
    this.again();
  }

  get isRunning() {
    return this.#isRunning;
  }

  get isComplete() {
    return this.epochs.length >= this.#most;
  }

  // Actions

  start() {
    if (this.#isRunning || this.isComplete) return;
    this.#setRunning(true);
    this.#next();
  }

  // The epoch that is under way still comes.
  pause() {
    this.#setRunning(false);
  }

  // Back to the random weights.
  again() {
    const mine = [];
    [this.epochs, this.#weights] = [mine, null];
    // An answer about an earlier training comes too late.
    this.#ask = asker("train", (answer) => mine === this.epochs && this.#take(answer), () => this.pause());
    this.#setRunning(false);
  }

  // Internal

  #next() {
    const { pixels } = example.current;
    this.#ask({ pixels, epoch: this.epochs.length + 1, weights: this.#weights, ...this.#fields() });
  }

  #take(answer) {
    if (answer.lost) {
      this.#setRunning(false);
      this.dispatchEvent(new CustomEvent("lost", { detail: answer.lost }));
      return;
    }
    if (answer.number !== this.epochs.length + 1) return; // asked twice, after a pause
    this.#weights = answer.weights;
    this.epochs.push(answer);
    this.dispatchEvent(new CustomEvent("epoch", { detail: answer }));
    this.#setRunning(this.#isRunning && !this.isComplete);
    if (this.#isRunning) this.#next();
  }

  #setRunning(isRunning) {
    this.#isRunning = isRunning;
    this.dispatchEvent(new Event("state"));
  }
}

// The run under way on the wall: its newest figure, its curve, and what came of it.

import { Curves } from "./curves.js";
import { change, inPercent } from "../lib/figures.js";

export class RunCard {
  #element;
  #curve;
  #run = null;
  #epochs = new Map(); // id of a run -> Map of epoch number -> accuracy on digits it never sees

  // element: holds the parts of the card, found by their ids.
  constructor(element) {
    this.#element = element;
    this.#curve = new Curves(this.#find("line"), { name: "Accuracy", percent: true, lines: ["test"] });
  }

  // run: {id, name, status, epochs, pictures, version, result}; isLive: whether its version is.
  show(run, isLive) {
    this.#run = run;
    this.#find("run-title").textContent = `Training: ${run.name}, run ${run.id}`;
    this.#draw(isLive);
  }

  // figures: [[number, cost, accuracy, cost on test digits, accuracy on test digits], ...]
  addEpochs(id, figures) {
    if (!this.#epochs.has(id)) this.#epochs.set(id, new Map());
    for (const [number, , , , accuracy] of figures) this.#epochs.get(id).set(number, accuracy);
    this.#draw();
  }

  // Internal

  #draw(isLive = false) {
    const known = [...(this.#epochs.get(this.#run?.id) ?? [])].sort(([a], [b]) => a - b);
    const [number, accuracy] = known.at(-1) ?? [0, null];
    this.#curve.show(known, this.#run?.epochs ?? 1);
    this.#find("run-figure").textContent = accuracy === null ? "…" : inPercent(accuracy);
    if (this.#run) this.#find("run-status").textContent = sentence(this.#run, number, isLive);
    this.#find("run-result").replaceChildren(...change(this.#run?.result));
  }

  #find(id) {
    return this.#element.querySelector(`#${id}`);
  }
}

function sentence(run, epoch, isLive) {
  const [done, total] = run.pictures;
  switch (run.status) {
    case "running":
      if (epoch) return `Epoch ${epoch} of ${run.epochs}`;
      return total ? `Making pictures to learn from: ${Math.floor((100 * done) / total)}%` : "Starting";
    case "finished":
      return `Done: version ${run.version}${isLive ? " is live" : ""}`;
    default:
      return "Stopped";
  }
}

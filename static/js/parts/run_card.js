// The run under way on the wall: its newest figure, its curve, and what came of it.

import { Curves } from "./curves.js";
import { change, inPercent } from "../lib/figures.js";
import { t } from "../lib/language.js";
import { runName } from "../lib/words.js";

export class RunCard {
  #element;
  #curve;
  #run = null;
  #epochs = new Map(); // id of a run -> Map of epoch number -> [on people, on digits], 0..1

  // element: holds the parts of the card, found by their ids.
  constructor(element) {
    this.#element = element;
    this.#curve = new Curves(this.#find("line"), { name: t("Accuracy"), percent: true, lines: ["people", "test"], t });
  }

  // run: {id, name, status, epochs, pictures, version, outcome}; isLive: whether its version is.
  show(run, isLive) {
    this.#run = run;
    this.#find("run-title").textContent = t("Training: {name}", { name: runName(run.name) });
    this.#draw(isLive);
  }

  // figures: [[number, cost, accuracy, cost on digits, accuracy on digits, on people], ...]
  addEpochs(id, figures) {
    if (!this.#epochs.has(id)) this.#epochs.set(id, new Map());
    for (const [number, , , , digits, people] of figures) this.#epochs.get(id).set(number, [people, digits]);
    this.#draw();
  }

  // Internal

  #draw(isLive = false) {
    const run = this.#run;
    if (!run) return;
    const known = [...(this.#epochs.get(run.id) ?? [])].sort(([a], [b]) => a - b);
    const [number, [people, digits]] = known.at(-1) ?? [0, [null, null]];
    this.#curve.show(known.map(([epoch, values]) => [epoch, ...values]), run.epochs);
    this.#showFigure(run.outcome?.people.now ?? people, run.outcome?.digits.now ?? digits);
    this.#find("run-status").textContent = sentence(run, number, isLive);
    this.#find("run-result").replaceChildren(...change(run.outcome));
  }

  // The people come first; runs of older Inklings only know the digits.
  #showFigure(people, digits) {
    const [figure, name] = this.#find("run-figure").children;
    const share = people ?? digits;
    figure.textContent = share === null ? "" : inPercent(share);
    const on = people === null ? t("on digits it never sees") : t("on people it never met");
    name.textContent = share === null ? "" : on;
  }

  #find(id) {
    return this.#element.querySelector(`#${id}`);
  }
}

function sentence(run, epoch, isLive) {
  const [done, total] = run.pictures;
  switch (run.status) {
    case "running":
      if (epoch) return t("Epoch {epoch} of {epochs}", { epoch, epochs: run.epochs });
      if (!total) return t("Starting");
      return t("Making pictures to learn from: {percent}%", { percent: Math.floor((100 * done) / total) });
    case "finished":
      return isLive ? t("Done: version {version} is live", run) : t("Done: version {version}", run);
    default:
      return t("Stopped");
  }
}

// What a change to the network does: the answer to the drawing before and now, and which test
// digits it reads wrong now.

import { Bars } from "./bars.js";
import { paintCells } from "./cells.js";
import { t } from "../lib/language.js";

export class Change {
  #element;
  #bars;
  #meters;

  // element: of templates/inside/change.html
  constructor(element) {
    this.#element = element;
    this.#bars = new Bars(element.querySelector(".bars"), element.querySelector("#thinks"));
    this.#meters = [...element.querySelectorAll("[role=meter]")];
  }

  // answer: the server's, {before, after, broken, mended}
  show({ before, after, broken, mended }) {
    this.#bars.show(after.probabilities, after.verdict !== "unfamiliar");
    this.#meters.forEach((meter, digit) => meter.style.setProperty("--before", before.probabilities?.[digit] ?? 0));
    this.#say("digits", rightInWords(before, after));
    this.#say("broken", brokenInWords(broken.n, mended.n));
    this.#part("pictures").replaceChildren(...broken.shown.map(item));
  }

  #say(part, sentence) {
    if (this.#part(part).textContent !== sentence) this.#part(part).textContent = sentence;
  }

  #part(name) {
    return this.#element.querySelector(`[data-part=${name}]`);
  }
}

function rightInWords(before, after) {
  const values = { right: after.right, tested: after.tested, before: before.right };
  if (before.right === after.right) return t("It reads {right} of {tested} test digits, as many as before.", values);
  return t("It reads {right} of {tested} test digits. Before, it read {before}.", values);
}

function brokenInWords(broken, mended) {
  if (!broken && !mended) return t("No test digit changed.");
  if (!broken) return t("None is newly wrong, and {mended} are newly right.", { mended });
  if (!mended) return t("Newly wrong: {count}. Some of them:", { count: broken });
  return t("Newly wrong: {broken}. Newly right: {mended}. Some that are wrong now:", { broken, mended });
}

function item({ pixels, label, digit }) {
  const [li, canvas, caption] = ["li", "canvas", "span"].map((name) => document.createElement(name));
  canvas.className = "cells";
  paintCells(canvas, pixels, { most: 16, name: nameOf(label, digit) });
  caption.textContent = `${label} → ${digit}`;
  caption.setAttribute("aria-hidden", "true");
  li.append(canvas, caption);
  return li;
}

function nameOf(label, digit) {
  if (label === 8) return t("an 8, now read as a {digit}", { digit });
  if (digit === 8) return t("a {label}, now read as an 8", { label });
  return t("a {label}, now read as a {digit}", { label, digit });
}

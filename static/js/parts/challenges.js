// Challenges: pictures to edit until they meet a goal, which the server checks, and a riddle.

import { asker } from "./lesson.js";
import { example, networkWatch } from "../lib/example.js";
import { paintCells } from "./cells.js";
import { percent } from "./bars.js";
import { t } from "../lib/language.js";

const SENTENCES = { turn: turned, thin: thinned };

export class Challenges extends EventTarget {
  #element;
  #goal;
  #idle; // what the goal says without a challenge
  #current = null; // "turn", "thin" or null
  #best = {}; // by challenge: the fewest cells, the least ink, of pictures that met it
  #known = null; // the server's answer: the pictures to begin with
  #check; // asks about the picture, for the present network

  // Event: "begin", detail: the picture to begin with, 64 intensities.
  // element: holds the pictures and buttons; goal: where the state of a challenge is said.
  constructor(element, goal) {
    super();
    [this.#element, this.#goal, this.#idle] = [element, goal, goal.textContent];
    element.addEventListener("click", ({ target }) => this.#press(target.closest("button")));
    const isOtherNetwork = networkWatch();
    example.addEventListener("change", () => {
      if (isOtherNetwork()) this.#follow();
      if (!example.current.own) this.#end();
      this.#askAgain();
    });
    this.#follow();
  }

  // Internal

  // Begins anew, with the network that looks at the example now.
  #follow() {
    const mine = {};
    this.#best = mine;
    // An answer about an earlier network comes too late.
    const unlessLate = (show) => (answer) => mine === this.#best && show(answer);
    this.#check = asker("check", unlessLate((result) => this.#judge(result)));
    asker("challenges", unlessLate((answer) => this.#show(answer)))({ version: example.current.version });
  }

  #askAgain() {
    const { pixels, version } = example.current;
    if (this.#current) this.#check({ pixels, version, challenge: this.#current });
  }

  // The picture is not the challenge's any more.
  #end() {
    if (this.#current) this.#goal.textContent = this.#idle;
    this.#current = null;
  }

  #show(answer) {
    this.#known = answer;
    this.#paint("turn", answer.turn, t("The 9 to begin with"));
    this.#paint("thin", answer.thin, t("The 3 to begin with"));
    const { misread } = answer;
    this.#paint("misread", misread?.pixels ?? new Array(64).fill(0), t("A digit that the network misreads"));
    for (const button of this.#element.querySelectorAll("button")) {
      button.disabled = "guess" in button.dataset && !misread;
    }
    if (!misread) this.#say(t("This network misreads none of the 297 test digits."));
  }

  #paint(name, pixels, words) {
    paintCells(this.#element.querySelector(`[data-start=${name}]`), pixels, { most: 16, name: words });
  }

  #press(button) {
    if (!button) return;
    if (button.dataset.guess) return this.#reveal(Number(button.dataset.guess));
    this.#current = button.dataset.challenge;
    this.dispatchEvent(new CustomEvent("begin", { detail: this.#known[this.#current] }));
  }

  #judge(result) {
    const name = "cells" in result ? "turn" : "thin";
    if (name !== this.#current) return; // it comes too late
    const size = result.cells ?? result.ink;
    if (result.is_done) this.#best[name] = Math.min(size, this.#best[name] ?? Infinity);
    const sentence = SENTENCES[name](result, this.#best[name]);
    if (this.#goal.textContent !== sentence) this.#goal.textContent = sentence;
  }

  #reveal(guess) {
    const { label, predicted, probability } = this.#known.misread;
    const network = reads(predicted, percent(probability));
    const writer = label === 8 ? t("It was written as an 8.") : t("It was written as a {label}.", { label });
    if (guess === label) this.#say(t("You are right. {writer} {network}", { writer, network }));
    else if (guess === predicted) this.#say(t("{same} {writer}", { same: same(predicted), writer }));
    else this.#say(t("{writer} {network}", { writer, network }));
  }

  #say(sentence) {
    this.#element.querySelector("#misread-in-words").textContent = sentence;
  }
}

function reads(digit, certainty) {
  if (digit === 8) return t("The network reads an 8, at {certainty}.", { certainty });
  return t("The network reads a {digit}, at {certainty}.", { digit, certainty });
}

function same(digit) {
  if (digit === 8) return t("You read what the network reads, an 8.");
  return t("You read what the network reads, a {digit}.", { digit });
}

function turned({ is_done, cells, greedy }, best) {
  const values = { cells, best, greedy };
  if (!is_done) return t("Turn this 9 into a 2. Cells that you changed: {cells}. It is no 2 yet.", values);
  if (greedy === null) return t("It reads a 2. Cells that you changed: {cells}. Your best so far: {best}.", values);
  return t("It reads a 2. Cells that you changed: {cells}. Your best so far: {best}. A greedy search needs {greedy}.", values);
}

function thinned({ is_done, ink, greedy }, best) {
  const values = { ink, best, greedy };
  if (!is_done && best === undefined) return t("The least ink that is still a 3. It has {ink} of ink and is not surely a 3.", values);
  if (!is_done) return t("With {ink} of ink it is not surely a 3 any more. Your best so far: {best}.", values);
  if (greedy === null) return t("It is surely a 3, with {ink} of ink. Your best so far: {best}.", values);
  return t("It is surely a 3, with {ink} of ink. Your best so far: {best}. A greedy search gets to {greedy}.", values);
}

// The game: ten digits to draw, one after the other. Nothing that is drawn is kept.

import { t } from "../lib/language.js";

const ROUNDS = 10;

export class Game extends EventTarget {
  #bar;
  #wanted = []; // digits that are still to be drawn; the first one is asked for now
  #right = 0;
  #answer = null;

  // Events: "begin" when a round begins, with an empty pad; "round" (detail: whether the network
  // read the digit); "end" when the person stops.
  constructor(bar) {
    super();
    this.#bar = bar;
    bar.addEventListener("click", ({ target }) => this.#actions[target.dataset.do]?.());
  }

  get isOn() {
    return !this.#bar.hidden;
  }

  // What to draw, as a sentence.
  get request() {
    if (!this.#wanted.length) return t("All ten are drawn.");
    const [digit] = this.#wanted;
    return digit === 8 ? t("Draw an 8.") : t("Draw a {digit}.", { digit });
  }

  start() {
    this.#wanted = shuffled([...Array(ROUNDS).keys()]);
    this.#right = 0;
    this.#bar.hidden = false;
    this.#begin();
  }

  // The settled answer to what is on the pad, or null.
  consider(answer) {
    this.#answer = answer?.verdict === "blank" ? null : answer;
    this.#render();
  }

  // The room's score after a round.
  room({ right, played }) {
    if (this.#wanted.length) return;
    this.#say(this.#score(), t("The room: {right} of {played}.", { right, played }));
  }

  // Actions

  #actions = {
    next: () => this.#next(),
    stop: () => this.#stop(),
  };

  #next() {
    if (!this.#wanted.length) return this.start();
    const { verdict, digit } = this.#answer;
    const isRight = digit === this.#wanted.shift() && verdict !== "unfamiliar";
    this.#right += isRight;
    this.#begin();
    this.dispatchEvent(new CustomEvent("round", { detail: isRight }));
  }

  #stop() {
    this.#bar.hidden = true;
    this.dispatchEvent(new Event("end"));
  }

  // Internal

  #begin() {
    this.#answer = null;
    this.dispatchEvent(new Event("begin"));
    this.#render();
  }

  #render() {
    const isOver = !this.#wanted.length;
    const next = this.#bar.querySelector("[data-do=next]");
    next.textContent = isOver ? t("Again") : t("Next");
    next.disabled = !isOver && !this.#answer;
    if (isOver) return this.#say(this.#score(), "");
    const number = ROUNDS - this.#wanted.length + 1;
    this.#say(this.request, t("{number} of {rounds}, {right} right.", { number, rounds: ROUNDS, right: this.#right }));
  }

  #score() {
    return t("{right} of {rounds} right.", { right: this.#right, rounds: ROUNDS });
  }

  #say(sentence, detail) {
    const [strong, small] = this.#bar.querySelector("p").children;
    if (strong.textContent !== sentence) strong.textContent = sentence;
    if (small.textContent !== detail) small.textContent = detail;
  }
}

// The same digits in random order.
function shuffled(digits) {
  for (let last = digits.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [digits[last], digits[other]] = [digits[other], digits[last]];
  }
  return digits;
}

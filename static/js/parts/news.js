// What a change of the live version brought, in large type: announced at once, then with the
// drawings that are read otherwise now, and gone after a while.

import { change } from "../lib/figures.js";
import { t } from "../lib/language.js";
import { paint, showHandwriting } from "./thumbnail.js";

const STAYS = 15_000; // ms that the result stands

export class News {
  #element;
  #timer = 0;

  constructor(element) {
    this.#element = element;
  }

  // Say which version went live; its result follows.
  announce(live) {
    this.#element.dataset.stage = "announced";
    this.#say(title(live), [], []);
    this.#goesAfter(STAYS);
  }

  // live: {version, back, people, digits, turned: {right, wrong, drawings}}; its result is shown
  // `delay` ms from now.
  show(live, delay) {
    this.announce(live);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#element.dataset.stage = "result";
      this.#say(title(live), [...change(live), ...counts(live.turned)], live.turned.drawings);
      this.#goesAfter(STAYS);
    }, delay);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#element.hidden = true;
  }

  // Internal

  #goesAfter(time) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), time);
  }

  #say(heading, lines, drawings) {
    this.#element.querySelector("h2").textContent = heading;
    this.#element.querySelector(".result").replaceChildren(...lines);
    [...this.#element.querySelector(".changed").children].forEach((place, index) => fill(place, drawings[index]));
    this.#element.hidden = false;
  }
}

function title({ version, back }) {
  return back ? t("Back to version {version}", { version }) : t("Version {version} is live", { version });
}

function counts({ right, wrong }) {
  const item = document.createElement("li");
  item.className = "counts";
  const hasChanged = right + wrong > 0;
  item.textContent = hasChanged ? t("Newly right {right}, newly wrong {wrong}", { right, wrong }) : t("No drawing is read otherwise.");
  return [item];
}

function fill(place, drawing) {
  place.hidden = !drawing;
  if (!drawing) return;
  paint(place.querySelector("canvas"), drawing.pixels);
  showHandwriting(place.querySelector("img"), drawing);
  const isRight = drawing.predicted === drawing.label;
  place.dataset.right = isRight;
  place.querySelector("p").textContent = `${drawing.before} → ${drawing.predicted} ${isRight ? "✓" : "✗"}`;
}

// Ten bars, one per digit: how probable each is.

import { t } from "../lib/language.js";

const CALM = 3000; // ms that the bars take to move to another network's answer, and rest there

export class Bars {
  #list;
  #bars;
  #heading;
  #timer = 0;

  // heading: says what the bars are; its text changes if the network knows no such digit.
  constructor(list, heading) {
    this.#list = list;
    this.#bars = [...list.querySelectorAll(".bar")];
    this.#heading = heading;
  }

  // probabilities: ten numbers 0..1, or null for a blank picture.
  // isDigit: whether the picture looks like any digit. If not, no bar stands out.
  show(probabilities, isDigit = true) {
    const stands = isDigit && probabilities !== null;
    const largest = stands ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.#heading.textContent = isDigit ? t("What it thinks") : t("If it had to choose");
    this.#bars.forEach((bar, digit) => {
      const share = probabilities?.[digit] ?? 0;
      const meter = bar.querySelector("[role=meter]");
      meter.setAttribute("aria-valuenow", (100 * share).toFixed(1));
      meter.querySelector(".fill").style.setProperty("--share", share);
      bar.querySelector(".percent").textContent = probabilities ? percent(share) : "–";
      bar.toggleAttribute("data-largest", digit === largest);
    });
  }

  // The next change is from one network's answer to another's: slow enough to watch.
  slowDown() {
    clearTimeout(this.#timer);
    this.#list.toggleAttribute("data-learned", true);
    this.#timer = setTimeout(() => this.#list.toggleAttribute("data-learned", false), CALM);
  }
}

// Never "100.0%" or "0.0%": the network is not certain of anything.
export function percent(share) {
  if (share > 0.9995) return ">99.9%";
  if (share < 0.0005) return "<0.1%";
  return `${(100 * share).toFixed(1)}%`;
}

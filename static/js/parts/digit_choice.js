// Ten radio buttons, one a digit: an output, or the right label. Until a person chooses, it shows
// what the network reads. The choice is remembered for this drawing, on all pages of the tab.

import { example } from "../lib/example.js";
import { recall, remember } from "../lib/stored.js";

export class DigitChoice extends EventTarget {
  #element;
  #name;

  // Event: "choose".
  // element: of templates/inside/digit_choice.html; name: of the choice, as it is remembered.
  constructor(element, name) {
    super();
    [this.#element, this.#name] = [element, `inkling ${name}`];
    element.addEventListener("change", ({ target }) => {
      remember("sessionStorage", this.#name, JSON.stringify({ digit: Number(target.value), picture: picture() }));
      this.dispatchEvent(new Event("choose"));
    });
  }

  // The digit that was chosen for this drawing, or null.
  get digit() {
    const kept = JSON.parse(recall("sessionStorage", this.#name) ?? "{}");
    return kept.picture === picture() ? kept.digit : null;
  }

  // digit: that the server's answer is about; values: texts to stand below the ten digits, if the
  // template has room for them.
  show(digit, values = []) {
    this.#element.querySelector(`[value="${digit}"]`).checked = true;
    const places = this.#element.querySelectorAll("small");
    values.forEach((text, i) => (places[i].textContent = text));
  }
}

function picture() {
  return String(example.current.pixels);
}

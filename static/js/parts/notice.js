// A sentence in the header, for a moment.

const SHOWN = 8000; // ms

export class Notice {
  #element;
  #timer = 0;

  constructor(element) {
    this.#element = element;
  }

  tell(sentence) {
    clearTimeout(this.#timer);
    this.#element.textContent = sentence;
    this.#timer = setTimeout(() => (this.#element.textContent = ""), SHOWN);
  }
}

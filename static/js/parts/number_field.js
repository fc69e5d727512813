// A field for a number: what is wrong with it is said below it, before anybody asks the server.

export class NumberField {
  #input;
  #problem;
  #isRight;
  #sentence;

  // input: the field; problem: the hidden element that its aria-describedby names; isRight: tells
  // whether a number will do; sentence: what to type instead
  constructor(input, problem, isRight, sentence) {
    [this.#input, this.#problem, this.#isRight, this.#sentence] = [input, problem, isRight, sentence];
    input.addEventListener("input", () => this.#show(""));
  }

  // The number, or null: then the sentence is shown.
  read() {
    const text = this.#input.value.trim().replace(",", ".");
    const number = Number(text);
    const isRight = text !== "" && this.#isRight(number);
    this.#show(isRight ? "" : this.#sentence);
    return isRight ? number : null;
  }

  // Internal

  #show(sentence) {
    this.#problem.textContent = sentence;
    this.#problem.hidden = sentence === "";
    this.#input.setAttribute("aria-invalid", String(sentence !== ""));
    if (sentence) this.#input.focus();
  }
}

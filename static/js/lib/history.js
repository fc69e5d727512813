// Earlier states to go back to. A state is never changed once it is here.

export class History {
  #past = [];
  #current;

  constructor(first) {
    this.#current = first;
  }

  get current() {
    return this.#current;
  }

  push(state) {
    this.#past.push(this.#current);
    this.#current = state;
  }

  // One step back; the first state stays.
  undo() {
    this.#current = this.#past.pop() ?? this.#current;
    return this.#current;
  }
}

// A yes or no that is remembered for this visit: as long as the tab is open.

export class Remembered {
  #name;
  #value;

  constructor(name) {
    this.#name = name;
    this.#value = stored((storage) => storage.getItem(name)) === "yes";
  }

  get value() {
    return this.#value;
  }

  set value(yes) {
    this.#value = yes;
    stored((storage) => storage.setItem(this.#name, yes ? "yes" : "no"));
  }
}

// The result of `act` on the tab's storage; null where the browser allows this page none.
function stored(act) {
  try {
    return act(sessionStorage);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

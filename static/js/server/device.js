// The random number for this device: made when somebody agrees that drawings are kept, and kept
// by the browser until they are withdrawn.

const NAME = "inkling device";

export class Device {
  #number = stored((storage) => storage.getItem(NAME));

  // null as long as there is none.
  get number() {
    return this.#number;
  }

  make() {
    this.#number ??= randomKey();
    stored((storage) => storage.setItem(NAME, this.#number));
  }

  forget() {
    this.#number = null;
    stored((storage) => storage.removeItem(NAME));
  }
}

// 128 random bits. crypto.randomUUID is for secure contexts only: not for phones over plain HTTP.
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What `act` does with the browser's storage; null where the browser has none for this page.
function stored(act) {
  try {
    return act(localStorage);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

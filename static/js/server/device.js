// The random number for this device: made when its user agrees that drawings are kept, and stored
// in the browser until they are withdrawn.

const NAME = "inkling device";

export class Device {
  #number = stored((storage) => storage.getItem(NAME));

  // null if there is none yet.
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

// 128 random bits. crypto.randomUUID works in secure contexts only, not on phones over plain HTTP.
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The result of `act` on the browser's storage; null where the browser allows this page none.
function stored(act) {
  try {
    return act(localStorage);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

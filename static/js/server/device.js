// The random number for this device: made when its user agrees that drawings are kept, and stored
// in the browser until they are withdrawn.

import { forget, recall, remember } from "../lib/stored.js";

const [AREA, NAME] = ["localStorage", "inkling device"];

export class Device {
  #number = recall(AREA, NAME);

  // null if there is none yet.
  get number() {
    return this.#number;
  }

  make() {
    this.#number ??= randomKey();
    remember(AREA, NAME, this.#number);
  }

  forget() {
    this.#number = null;
    forget(AREA, NAME);
  }
}

// 128 random bits. crypto.randomUUID works in secure contexts only, not on phones over plain HTTP.
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

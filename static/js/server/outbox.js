// What must reach the server: one after the other, again and again until it answers.

import { Refused } from "./api.js";

const RETRY = 1000; // ms between attempts while the server is out of reach
const PASSING = ["request_timeout", "too_fast"]; // refusals that are worth another try

export class Outbox extends EventTarget {
  #waiting = [];
  #busy = false;

  // Event "lost": what is first in line did not get through, and is tried again.

  // send: a function that returns the promise of an answer; sent twice it must do no more than
  // sent once. Returns the promise of the server's answer; it fails with Refused only.
  add(send) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ send, resolve, reject, tried: false });
      this.#run();
    });
  }

  // Drop what has not been tried yet; its promises stay open. What has been tried may be with
  // the server already, and goes on until that is known.
  dropUntried() {
    this.#waiting = this.#waiting.filter(({ tried }) => tried);
  }

  // Internal

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting.length) {
      if (await this.#attempt(this.#waiting[0])) this.#waiting.shift();
      else await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
    this.#busy = false;
  }

  // True if the server answered for good, whatever it said.
  async #attempt(item) {
    item.tried = true;
    try {
      item.resolve(await item.send());
    } catch (error) {
      if (!(error instanceof Refused) || PASSING.includes(error.code)) {
        this.dispatchEvent(new Event("lost"));
        return false;
      }
      item.reject(error);
    }
    return true;
  }
}

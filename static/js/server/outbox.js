// Requests that must reach the server: one after the other, each repeated until it is answered.

import { OutOfReach, Refused, faultOf } from "./api.js";

const RETRY = 1000; // ms between attempts while the server is out of reach
// Refusals that are worth another try.
const PASSING = ["request_timeout", "too_fast", "too_many_newcomers"];

export class Outbox extends EventTarget {
  #waiting = [];
  #busy = false;

  // Event "lost": the first request in line failed, and will be repeated.

  // send: a function that returns the promise of an answer. It may be called several times, and
  // the server must treat repeats as one request. Returns the promise of the server's answer,
  // which fails only with Refused.
  add(send) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ send, resolve, reject, tried: false });
      this.#run();
    });
  }

  // Drop the requests that have not been sent yet; their promises stay open. A request that was
  // sent may have reached the server, so it is repeated until an answer says so.
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

  // True if the server gave a final answer, good or bad.
  async #attempt(item) {
    item.tried = true;
    try {
      item.resolve(await item.send());
    } catch (error) {
      if (error instanceof OutOfReach || PASSING.includes(error.code)) {
        this.dispatchEvent(new Event("lost"));
        return false;
      }
      item.reject(error instanceof Refused ? error : faultOf(error));
    }
    return true;
  }
}

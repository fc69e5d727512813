// Questions to the server: one in flight at a time, and of those that wait only the latest.

import { Refused, ping } from "./api.js";

const RETRY = 1000; // ms between attempts while the server is out of reach
const HEARTBEAT = 5000; // ms between pings while there are no questions

export class Questions extends EventTarget {
  #waiting = null;
  #busy = false;
  #round = 0; // grows when no answer to an earlier question is wanted any more

  // Events: "busy" and "idle"; "answer" (detail: the answer) and "refused" (detail: a
  // sentence); "connected" (detail: the server's answer, if it was none to a question) and "lost".
  constructor() {
    super();
    setInterval(() => this.#look(), HEARTBEAT);
    addEventListener("online", () => this.#look());
    addEventListener("offline", () => this.#emit("lost"));
    this.#look();
  }

  // question: a function that returns the promise of an answer. It is called again when the
  // server comes back.
  ask(question) {
    this.#waiting = question;
    this.#run();
  }

  // Whether a question is unanswered.
  get waiting() {
    return this.#busy;
  }

  // Drop the waiting question, and ignore the answer to the one in flight.
  forget() {
    this.#waiting = null;
    this.#round += 1;
  }

  // Internal

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    this.#emit("busy");
    while (this.#waiting) {
      const [question, round] = [this.#waiting, this.#round];
      this.#waiting = null;
      if (!(await this.#attempt(question, round)) && round === this.#round) {
        this.#waiting ??= question;
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
    this.#busy = false;
    this.#emit("idle");
  }

  // True if the server answered, even if it refused.
  async #attempt(question, round) {
    try {
      const answer = await question();
      this.#emit("connected");
      if (round === this.#round) this.#emit("answer", answer);
    } catch (error) {
      if (!(error instanceof Refused)) {
        this.#emit("lost");
        return false;
      }
      this.#emit("connected");
      if (round === this.#round) this.#emit("refused", error.message);
    }
    return true;
  }

  #look() {
    if (!this.#busy && !document.hidden) {
      ping().then((answer) => this.#emit("connected", answer), () => this.#emit("lost"));
    }
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// Questions to the server: one in flight at a time, and of those that wait only the latest.

import { OutOfReach, Refused, faultOf, ping } from "./api.js";

const SPACING = 100; // ms between questions at least: a room has many pens and one server
const RETRY = 1000; // ms between attempts while the server is out of reach
const HEARTBEAT = 5000; // ms between pings while there are no questions

export class Questions extends EventTarget {
  #waiting = null;
  #busy = false;
  #round = 0; // grows when no answer to an earlier question is wanted any more
  #free = 0; // the earliest time for the next question

  // Events: "busy" and "idle"; "answer" (detail: the answer) and "refused" (detail: a
  // sentence); "connected" (detail: the server's answer, if it was none to a question) and "lost".
  // heartbeat: whether to look at the server while there are no questions.
  constructor({ heartbeat = true } = {}) {
    super();
    if (!heartbeat) return;
    setInterval(() => this.#look(), HEARTBEAT);
    // A browser without a network may still reach a server on the same machine, so ask.
    for (const event of ["online", "offline"]) addEventListener(event, () => this.#look());
    document.addEventListener("visibilitychange", () => this.#look());
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
      await pause(this.#free - performance.now());
      if (this.#waiting) await this.#next();
    }
    this.#busy = false;
    this.#emit("idle");
  }

  async #next() {
    const [question, round] = [this.#waiting, this.#round];
    this.#waiting = null;
    this.#free = performance.now() + SPACING;
    if ((await this.#attempt(question, round)) || round !== this.#round) return;
    this.#waiting ??= question;
    this.#free = performance.now() + RETRY;
  }

  // True if the server answered, even if it refused.
  async #attempt(question, round) {
    try {
      const answer = await question();
      this.#emit("connected");
      if (round === this.#round) this.#emit("answer", answer);
    } catch (error) {
      if (error instanceof OutOfReach) {
        this.#emit("lost");
        return false;
      }
      const refusal = error instanceof Refused ? error : faultOf(error);
      if (refusal === error) this.#emit("connected");
      if (round === this.#round) this.#emit("refused", refusal.message);
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

function pause(time) {
  return time > 0 && new Promise((resolve) => setTimeout(resolve, time));
}

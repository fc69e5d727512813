// Questions to the server, one in flight at a time; of those that wait only the latest counts.

import { Refused, ping } from "./api.js";

const RETRY = 1000; // ms between attempts while the server is out of reach
const HEARTBEAT = 5000; // ms between looks at a server that is not being asked anything

export class Stream extends EventTarget {
  #waiting = null;
  #busy = false;
  #round = 0; // grows when everything asked so far has become pointless

  // Events: "busy" and "idle"; "answer" (detail: the answer) and "refused" (detail: a
  // sentence); "connected" and "lost".
  constructor() {
    super();
    setInterval(() => this.#look(), HEARTBEAT);
    addEventListener("online", () => this.#look());
    addEventListener("offline", () => this.#tell("lost"));
    this.#look();
  }

  // question: a function that returns the promise of an answer. It is called again when the
  // server comes back.
  ask(question) {
    this.#waiting = question;
    this.#run();
  }

  // Whether a question has no answer yet.
  get waiting() {
    return this.#busy;
  }

  // Forget what waits, and the answer that is on its way.
  forget() {
    this.#waiting = null;
    this.#round += 1;
  }

  // Internal

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    this.#tell("busy");
    while (this.#waiting) {
      const [question, round] = [this.#waiting, this.#round];
      this.#waiting = null;
      if (!(await this.#attempt(question, round)) && round === this.#round) {
        this.#waiting ??= question;
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
    this.#busy = false;
    this.#tell("idle");
  }

  // True if the server answered, whatever it said.
  async #attempt(question, round) {
    try {
      const answer = await question();
      this.#tell("connected");
      if (round === this.#round) this.#tell("answer", answer);
    } catch (error) {
      if (!(error instanceof Refused)) {
        this.#tell("lost");
        return false;
      }
      this.#tell("connected");
      if (round === this.#round) this.#tell("refused", error.message);
    }
    return true;
  }

  #look() {
    if (!this.#busy && !document.hidden) {
      ping().then(() => this.#tell("connected"), () => this.#tell("lost"));
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// The drawings of this device that the server keeps: how many there are, and how they come and go.

import { ROOT, Refused } from "./api.js";
import { correctDrawing, keptDrawings, pictureOfMine, withdrawDrawing, withdrawDrawings } from "./kept_drawings.js";
import { Device } from "./device.js";
import { GivenDrawings } from "./given.js";

export class Collection extends EventTarget {
  #outbox = new GivenDrawings();
  #device = new Device();
  #tabs = new BroadcastChannel(`inkling withdrawals ${ROOT}`); // other tabs with this page
  #gone = new Set(); // numbers of drawings that were withdrawn one by one
  #consents = false; // in this visit: a device that the server no longer knows is asked again
  #round = 0; // grows when another tab withdraws all
  #agreed = false; // in this visit or, as the server knows, an earlier one
  given = 0;
  limit = Infinity;

  // Events: "change" of anything; "lost" when the server is out of reach while a request waits;
  // "withdrawn" when another tab has withdrawn all.
  constructor() {
    super();
    this.#outbox.addEventListener("lost", () => this.#emit("lost"));
    this.#tabs.addEventListener("message", ({ data }) => this.#hear(data));
    this.#outbox.add(() => keptDrawings(this.#device.number)).then((answer) => {
      this.#agreed ||= answer.known && answer.given > 0;
      this.#count(answer);
    });
  }

  get agreed() {
    return this.#agreed;
  }

  get isFull() {
    return this.given >= this.limit;
  }

  isGone(number) {
    return this.#gone.has(number);
  }

  // The person agrees that drawings are kept.
  agree() {
    this.#agreed = this.#consents = true;
    this.#device.make();
  }

  // The server does not know that the person agreed.
  askAgain() {
    this.#agreed = false;
  }

  // Keep a drawing, PNG or pixels or the promise of them; its number. Fails with Refused.
  keep(drawing, key, label) {
    const { number: device } = this.#device;
    const fields = { label, key, ...(device && { device }), ...(this.#consents && { consent: true }) };
    return this.#arrived(this.#outbox.give(drawing, fields));
  }

  // What was given before the page was loaded again: [{key, label, drawing, number}, ...], each
  // with the promise of its number.
  resume() {
    return this.#outbox.resume().map(({ drawing, fields: { key, label }, answer }) => {
      return { key, label, drawing, number: this.#arrived(answer) };
    });
  }

  // Correct the label of a kept drawing; its number. If it was withdrawn, it does not come back.
  // Fails with Refused.
  async correct(number, label) {
    this.#count(await this.#outbox.add(() => correctDrawing(number, label, this.#device.number)));
    return number;
  }

  // Every kept drawing, newest first, with what the live network reads.
  async list() {
    const answer = await keptDrawings(this.#device.number, true);
    this.#count(answer);
    return answer.drawings;
  }

  // The address of the picture of a kept drawing.
  picture(number) {
    return pictureOfMine(number, this.#device.number);
  }

  async withdrawOne(number) {
    try {
      this.#count(await withdrawDrawing(number, this.#device.number));
    } catch (error) {
      if (!(error instanceof Refused && error.code === "no_such_drawing")) throw error;
    }
    this.#gone.add(number);
    this.#tabs.postMessage({ number, given: this.given });
    this.#emit("change");
  }

  // Withdraw all, also what is still on its way; how many there were. Fails with Refused.
  async withdrawAll() {
    this.#outbox.dropUntried();
    const { withdrawn } = await this.#outbox.add(() => withdrawDrawings(this.#device.number));
    this.#tabs.postMessage({ all: true });
    this.#forget();
    return withdrawn;
  }

  // Internal

  async #arrived(sent) {
    const round = this.#round;
    const answer = await sent;
    if (round !== this.#round) await this.withdrawOne(answer.id);
    else this.#count(answer);
    return answer.id;
  }

  #hear({ all, number, given }) {
    if (all) {
      this.#round += 1;
      this.#outbox.dropUntried();
      this.#forget();
      this.#emit("withdrawn");
    } else {
      this.#gone.add(number);
      this.given = given;
      this.#emit("change");
    }
  }

  // A device without drawings is asked for consent again.
  #forget() {
    this.#device.forget();
    this.#agreed = this.#consents = false;
    this.given = 0;
    this.#emit("change");
  }

  #count({ given, limit }) {
    Object.assign(this, { given, limit });
    this.#emit("change");
  }

  #emit(type) {
    this.dispatchEvent(new Event(type));
  }
}

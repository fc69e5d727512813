// "Was it right?": asks about a drawing, for consent the first time, and gives or withdraws.

import { keptDrawings, withdrawDrawings } from "../server/api.js";
import { Device } from "../server/device.js";
import { GivenDrawings } from "../server/given.js";
import { withArticle } from "../lib/words.js";

const RESUMED = "What you gave is kept as soon as the server is back."; // after a reload
const ASK_AGAIN = ["consent_missing", "unknown_participant"];

export class Feedback {
  #root;
  #covered; // what the sheets cover
  #outbox = new GivenDrawings();
  #entries = new Map(); // a drawing's key -> its label and state
  #entry = null; // the entry of the drawing that the question is about
  #sheet = null; // "digits", "consent" or "withdrawal", when one is open
  #notice = ""; // shown instead of the question, until the next drawing
  #held = []; // drawings that wait for consent
  #kept = 0;
  #limit = Infinity;
  #agreed = false; // in this visit or, as the server knows, an earlier one
  #consents = false; // in this visit: a device that the server no longer knows is asked again
  #device = new Device();

  // Lifecycle

  constructor(root, covered) {
    this.#root = root;
    this.#covered = [...covered];
    root.addEventListener("click", ({ target }) => this.#press(target.closest("button")));
    root.addEventListener("keydown", (event) => this.#key(event));
    this.#outbox.addEventListener("lost", () => this.#wait());
    this.#outbox.add(() => keptDrawings(this.#device.number)).then(({ given, limit, known }) => {
      this.#count(given, limit);
      this.#agreed ||= known && given > 0;
      this.#render();
    });
    this.#resume();
    this.#render();
  }

  // Ask about a drawing: {key, ...}, with a key of its own.
  // claim: the predicted digit, null if several are likely; isDigit: whether any is;
  // content: a function that returns the PNG, or the promise of it, or 64 intensities.
  ask(drawing, claim, isDigit, content) {
    const { key } = drawing;
    if (!this.#entries.has(key)) this.#entries.set(key, { key, state: "new", label: null });
    this.#entry = Object.assign(this.#entries.get(key), { claim, isDigit, content });
    this.#notice = "";
    if (this.#held.length) this.#sheet = "consent";
    this.#render();
  }

  // Show no question: there is nothing to ask about, or not yet.
  hide() {
    if (!this.#entry && !this.#sheet) return;
    this.#held = this.#held.filter((entry) => entry !== this.#entry);
    this.#entry = this.#sheet = null;
    this.#render();
  }

  // Actions

  #press(button) {
    if (!button) return;
    if (button.dataset.digit) this.#choose(Number(button.dataset.digit));
    else this.#actions[button.dataset.do]();
    this.#render();
    this.#focus();
  }

  #actions = {
    yes: () => this.#confirm(),
    no: () => (this.#sheet = "digits"),
    change: () => (this.#sheet = "digits"),
    back: () => (this.#sheet = null),
    agree: () => this.#agree(),
    decline: () => this.#decline(),
    withdraw: () => (this.#sheet = "withdrawal"),
    remove: () => this.#withdraw(),
  };

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.#sheet !== "digits" || !/^\d$/.test(event.key)) return;
    this.#press(this.#root.querySelector(`[data-digit="${event.key}"]`));
  }

  #confirm() {
    const { claim, isDigit } = this.#entry;
    if (!isDigit) this.#notice = "We only collect digits, so nothing was saved.";
    else if (claim === null) this.#sheet = "digits";
    else this.#choose(claim);
  }

  #choose(label) {
    const entry = this.#entry;
    this.#sheet = null;
    if (entry.state === "kept" && entry.label === label) return;
    entry.drawing ??= entry.content();
    entry.label = label;
    if (this.#agreed) this.#send(entry);
    else this.#hold(entry);
  }

  #hold(entry) {
    entry.state = "new";
    if (!this.#held.includes(entry)) this.#held.push(entry);
    this.#agreed = false;
    this.#sheet = "consent";
  }

  #agree() {
    this.#agreed = this.#consents = true;
    this.#device.make();
    this.#sheet = null;
    for (const entry of this.#held.splice(0)) this.#send(entry);
  }

  #decline() {
    this.#held = [];
    this.#sheet = null;
  }

  // What was given before the page was loaded again is still on its way.
  #resume() {
    for (const { drawing, fields, answer } of this.#outbox.resume()) {
      const entry = { key: fields.key, label: fields.label, drawing };
      this.#entries.set(entry.key, entry);
      this.#follow(entry, answer);
    }
  }

  #send(entry) {
    const { label, key, drawing } = entry;
    this.#follow(entry, this.#outbox.give(drawing, { label, key, ...this.#consent() }));
  }

  async #follow(entry, sent) {
    entry.state = "sending";
    const { label } = entry;
    try {
      const answer = await sent;
      this.#count(answer.given, answer.limit);
      if (entry.label === label) entry.state = "kept"; // and not corrected meanwhile
      if (this.#notice === RESUMED) this.#notice = "";
    } catch (error) {
      this.#refused(entry, error);
    }
    this.#render();
  }

  #refused(entry, { code, message }) {
    if (ASK_AGAIN.includes(code)) return this.#hold(entry);
    entry.state = "refused";
    entry.message = message;
  }

  #consent() {
    const { number } = this.#device;
    return { ...(number && { device: number }), ...(this.#consents && { consent: true }) };
  }

  async #withdraw() {
    this.#outbox.dropUntried();
    this.#entries.clear();
    this.#entry = this.#sheet = null;
    this.#held = [];
    this.#notice = "Removing your drawings.";
    try {
      const { withdrawn } = await this.#outbox.add(() => withdrawDrawings(this.#device.number));
      this.#device.forget();
      this.#notice = `Your ${withdrawn === 1 ? "drawing was" : `${withdrawn} drawings were`} removed.`;
      this.#agreed = this.#consents = false; // a device without drawings is asked again
      this.#count(0, this.#limit);
    } catch (error) {
      this.#notice = error.message;
    }
    this.#render();
  }

  // Internal

  #count(given, limit) {
    this.#kept = given;
    this.#limit = limit;
  }

  // The server is out of reach.
  #wait() {
    if (this.#notice.startsWith("Removing")) {
      this.#notice = "Your drawings are removed as soon as the server is back.";
    }
    if (this.#entry?.state === "sending") this.#entry.state = "waiting";
    const hasUnsent = [...this.#entries.values()].some(({ state }) => state === "sending");
    if (!this.#entry && hasUnsent) this.#notice = RESUMED;
    this.#render();
  }

  #step() {
    if (this.#notice) return "result";
    if (!this.#entry) return "idle";
    return this.#entry.state === "new" && this.#kept < this.#limit ? "question" : "result";
  }

  #render() {
    const step = this.#step();
    this.#root.dataset.step = step;
    for (const element of this.#root.querySelectorAll("[data-step]")) {
      element.classList.toggle("off", element.dataset.step !== step);
    }
    for (const element of this.#root.querySelectorAll("[data-sheet]")) {
      element.classList.toggle("off", element.dataset.sheet !== this.#sheet);
    }
    for (const element of [...this.#covered, this.#find(".ask")]) {
      element.inert = this.#sheet !== null;
    }
    const canChange = step === "result" && !this.#notice && this.#entry.state === "kept";
    this.#find("[data-do=change]").classList.toggle("off", !canChange);
    this.#find("[data-do=withdraw]").classList.toggle("off", !this.#kept);
    this.#say(step === "result" ? this.#result() : ["", ""]);
  }

  #result() {
    if (this.#notice) return [this.#notice, ""];
    const { state, label, message } = this.#entry;
    if (state === "sending") return [`Keeping it as ${withArticle(label)}.`, ""];
    if (state === "waiting") return ["It is kept as soon as the server is back.", ""];
    if (state === "refused") return ["", message];
    const count = `${this.#kept} of ${this.#limit}`;
    if (state === "kept") return [`Kept as ${withArticle(label)}.`, `Thanks! ${count}.`];
    return ["You have given as many drawings as we keep. Thank you!", count];
  }

  // Assigning the same text again would make screen readers repeat it.
  #say([sentence, detail]) {
    const [strong, small] = this.#find("[role=status]").children;
    if (strong.textContent !== sentence) strong.textContent = sentence;
    if (small.textContent !== detail) small.textContent = detail;
  }

  // If the focused element has disappeared, focus what replaces it.
  #focus() {
    if (document.activeElement !== document.body && !isOff(document.activeElement)) return;
    const within = this.#sheet ? `[data-sheet=${this.#sheet}]` : ".steps";
    const targets = [...this.#root.querySelectorAll(`${within} :is(button, [tabindex])`)];
    targets.find((target) => !isOff(target))?.focus({ preventScroll: true });
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}

function isOff(element) {
  return element.closest(".off, [inert]") !== null;
}

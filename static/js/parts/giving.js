// "Was it right?": asks about a drawing, for consent the first time, and gives or withdraws.

import { giveDrawing, givenDrawings, withdrawDrawings } from "../server/api.js";
import { Device, randomKey } from "../server/device.js";
import { Outbox } from "../server/outbox.js";
import { withArticle } from "../lib/words.js";

const ASK_AGAIN = ["consent_missing", "unknown_participant"];

export class Giving {
  #root;
  #covered; // what the sheets cover
  #outbox = new Outbox();
  #gifts = new WeakMap(); // drawing -> its label, key and state
  #gift = null; // the entry of the drawing that the question is about
  #sheet = null; // "digits", "consent" or "withdrawal", when one is open
  #notice = ""; // shown instead of the question, until the next drawing
  #held = []; // drawings that wait for consent
  #given = 0;
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
    this.#outbox.add(() => givenDrawings(this.#device.number)).then(({ given, limit, known }) => {
      this.#count(given, limit);
      this.#agreed ||= known && given > 0;
      this.#render();
    });
    this.#render();
  }

  // Ask about a drawing, a value of its own for each.
  // claim: the predicted digit, null if several are likely; isDigit: whether any is;
  // content: a function that returns the PNG, or the promise of it, or 64 intensities.
  ask(drawing, claim, isDigit, content) {
    if (!this.#gifts.has(drawing)) {
      this.#gifts.set(drawing, { key: randomKey(), state: "new", label: null });
    }
    this.#gift = Object.assign(this.#gifts.get(drawing), { claim, isDigit, content });
    this.#notice = "";
    if (this.#held.length) this.#sheet = "consent";
    this.#render();
  }

  // Show no question: there is nothing to ask about, or not yet.
  hide() {
    if (!this.#gift && !this.#sheet) return;
    this.#held = this.#held.filter((gift) => gift !== this.#gift);
    this.#gift = this.#sheet = null;
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
    const { claim, isDigit } = this.#gift;
    if (!isDigit) this.#notice = "We only collect digits, so nothing was saved.";
    else if (claim === null) this.#sheet = "digits";
    else this.#choose(claim);
  }

  #choose(label) {
    const gift = this.#gift;
    this.#sheet = null;
    if (gift.state === "kept" && gift.label === label) return;
    gift.drawing ??= gift.content();
    gift.label = label;
    if (this.#agreed) this.#give(gift);
    else this.#hold(gift);
  }

  #hold(gift) {
    gift.state = "new";
    if (!this.#held.includes(gift)) this.#held.push(gift);
    this.#agreed = false;
    this.#sheet = "consent";
  }

  #agree() {
    this.#agreed = this.#consents = true;
    this.#device.make();
    this.#sheet = null;
    for (const gift of this.#held.splice(0)) this.#give(gift);
  }

  #decline() {
    this.#held = [];
    this.#sheet = null;
  }

  async #give(gift) {
    gift.state = "sending";
    const { label, key } = gift;
    try {
      const answer = await this.#outbox.add(async () =>
        giveDrawing(await gift.drawing, { label, key, ...this.#consent() }),
      );
      this.#count(answer.given, answer.limit);
      if (gift.label === label) gift.state = "kept"; // and not corrected meanwhile
    } catch (error) {
      this.#refused(gift, error);
    }
    this.#render();
  }

  #refused(gift, { code, message }) {
    if (ASK_AGAIN.includes(code)) return this.#hold(gift);
    gift.state = "refused";
    gift.message = message;
  }

  #consent() {
    const { number } = this.#device;
    return { ...(number && { device: number }), ...(this.#consents && { consent: true }) };
  }

  async #withdraw() {
    this.#outbox.dropUntried();
    this.#gifts = new WeakMap();
    this.#gift = this.#sheet = null;
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
    this.#given = given;
    this.#limit = limit;
  }

  // The server is out of reach.
  #wait() {
    if (this.#notice.startsWith("Removing")) {
      this.#notice = "Your drawings are removed as soon as the server is back.";
    }
    if (this.#gift?.state === "sending") this.#gift.state = "waiting";
    this.#render();
  }

  #step() {
    if (this.#notice) return "result";
    if (!this.#gift) return "idle";
    return this.#gift.state === "new" && this.#given < this.#limit ? "question" : "result";
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
    const canChange = step === "result" && !this.#notice && this.#gift.state === "kept";
    this.#find("[data-do=change]").classList.toggle("off", !canChange);
    this.#find("[data-do=withdraw]").classList.toggle("off", !this.#given);
    this.#say(step === "result" ? this.#result() : ["", ""]);
  }

  #result() {
    if (this.#notice) return [this.#notice, ""];
    const { state, label, message } = this.#gift;
    if (state === "sending") return [`Keeping it as ${withArticle(label)}.`, ""];
    if (state === "waiting") return ["It is kept as soon as the server is back.", ""];
    if (state === "refused") return ["", message];
    const count = `${this.#given} of ${this.#limit}`;
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

// "Was it right?": asks about a drawing, for consent the first time, and says what became of it.

import { n, t } from "../lib/language.js";
import { forget, recall, remember } from "../lib/stored.js";

const DECLINED = ["sessionStorage", "inkling declined"]; // remembered as long as the tab is open
const RESUMED = t("What you gave is kept as soon as the server is back."); // after a reload
const REMOVING = t("Removing your drawings.");
const ASK_AGAIN = ["consent_missing", "unknown_participant"];
const LONG = ["noticed", "refused"]; // states that need the whole line for their sentence

export class Feedback {
  #root;
  #covered; // what the sheets cover
  #collection;
  #entries = new Map(); // a drawing's key -> its label, state, and number once it is kept
  #entry = null; // the entry of the drawing that the question is about
  #sheet = null; // "digits" or "consent", when one is open
  #notice = ""; // shown instead of the question, until the next drawing
  #held = []; // drawings that wait for consent
  #declined = recall(...DECLINED) !== null;

  // Lifecycle

  // collection: what the server keeps, a server/collection.js
  constructor(root, covered, collection) {
    this.#root = root;
    this.#covered = [...covered];
    this.#collection = collection;
    root.addEventListener("click", ({ target }) => this.#press(target.closest("[data-do], [data-digit]")));
    root.addEventListener("keydown", (event) => this.#key(event));
    collection.addEventListener("change", () => this.#render());
    collection.addEventListener("lost", () => this.#wait());
    collection.addEventListener("withdrawn", () => this.#forget(t("Your drawings were removed.")));
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

  // Close the open sheet, as "Back" does; true if there was one.
  close() {
    if (!this.#sheet) return false;
    this.#actions.back();
    this.#render();
    this.#focus();
    return true;
  }

  // Withdraw all drawings, also those that wait to be sent.
  async withdrawAll() {
    this.#forget(REMOVING);
    try {
      const number = await this.#collection.withdrawAll();
      this.#notice = n("Your drawing was removed.", "Your {count} drawings were removed.", number);
    } catch (error) {
      this.#notice = error.message;
    }
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
    back: () => {
      this.#held = [];
      this.#sheet = null;
    },
    agree: () => this.#agree(),
    decline: () => this.#decline(),
    reconsider: () => (this.#sheet = "consent"),
  };

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.#sheet !== "digits" || !/^\d$/.test(event.key)) return;
    this.#press(this.#root.querySelector(`[data-digit="${event.key}"]`));
  }

  #confirm() {
    const { claim, isDigit } = this.#entry;
    if (!isDigit) this.#notice = t("We only collect digits, so nothing was saved.");
    else if (claim === null) this.#sheet = "digits";
    else this.#choose(claim);
  }

  #choose(label) {
    const entry = this.#entry;
    this.#sheet = null;
    if (entry.state === "kept" && entry.label === label) return;
    entry.drawing ??= entry.content();
    entry.label = label;
    if (this.#collection.agreed) this.#send(entry);
    else this.#hold(entry);
  }

  #hold(entry) {
    entry.state = "new";
    if (!this.#held.includes(entry)) this.#held.push(entry);
    this.#sheet = "consent";
  }

  #agree() {
    this.#collection.agree();
    this.#decide(false);
    this.#sheet = null;
    for (const entry of this.#held.splice(0)) this.#send(entry);
  }

  #decline() {
    this.#actions.back();
    this.#decide(true);
    this.#notice = t("Nothing was kept.");
  }

  #decide(declined) {
    this.#declined = declined;
    if (declined) remember(...DECLINED, "yes");
    else forget(...DECLINED);
  }

  // What was given before the page was loaded again is still on its way.
  #resume() {
    for (const { key, label, drawing, number } of this.#collection.resume()) {
      const entry = { key, label, drawing };
      this.#entries.set(key, entry);
      this.#follow(entry, number);
    }
  }

  #send(entry) {
    const { label, key, number, drawing } = entry;
    const kept = number ? this.#collection.correct(number, label) : this.#collection.keep(drawing, key, label);
    this.#follow(entry, kept);
  }

  // sent: the promise of the drawing's number
  async #follow(entry, sent) {
    const { label } = entry;
    entry.state = "sending";
    try {
      entry.number = await sent;
      if (entry.label === label) entry.state = "kept"; // and not corrected meanwhile
      if (this.#notice === RESUMED) this.#notice = "";
    } catch (error) {
      this.#refused(entry, error);
    }
    this.#render();
  }

  #refused(entry, { code, message }) {
    if (ASK_AGAIN.includes(code)) {
      this.#collection.askAgain();
      return this.#hold(entry);
    }
    entry.state = "refused";
    entry.message = message;
  }

  // Internal

  #forget(notice) {
    this.#entries.clear();
    this.#entry = this.#sheet = null;
    this.#held = [];
    this.#notice = notice;
    this.#render();
  }

  // The server is out of reach.
  #wait() {
    if (this.#notice === REMOVING) {
      this.#notice = t("Your drawings are removed as soon as the server is back.");
    }
    if (this.#entry?.state === "sending") this.#entry.state = "waiting";
    const hasUnsent = [...this.#entries.values()].some(({ state }) => state === "sending");
    if (!this.#entry && hasUnsent) this.#notice = RESUMED;
    this.#render();
  }

  #step() {
    if (this.#notice) return "result";
    if (!this.#entry) return "idle";
    if (this.#entry.state !== "new" || this.#collection.isFull) return "result";
    return this.#declined && !this.#collection.agreed ? "declined" : "question";
  }

  #render() {
    const step = this.#step();
    for (const element of this.#root.querySelectorAll("[data-step]")) {
      element.classList.toggle("off", element.dataset.step !== step);
    }
    for (const element of this.#root.querySelectorAll("[data-sheet]")) {
      element.classList.toggle("off", element.dataset.sheet !== this.#sheet);
    }
    for (const element of [...this.#covered, this.#find(".ask")]) {
      element.inert = this.#sheet !== null;
    }
    const canChange = step === "result" && this.#state === "kept";
    const isLong = step === "result" && LONG.includes(this.#state);
    this.#find("[data-do=change]").classList.toggle("off", !canChange);
    this.#find("#mine").classList.toggle("off", !this.#collection.given);
    this.#find(".ask").toggleAttribute("data-long", isLong);
    this.#say(step === "result" ? this.#result() : ["", ""]);
  }

  get #state() {
    if (this.#notice) return "noticed";
    return this.#collection.isGone(this.#entry.number) ? "withdrawn" : this.#entry.state;
  }

  #result() {
    const { label, message } = this.#entry ?? {};
    const { given, limit } = this.#collection;
    switch (this.#state) {
      case "noticed":
        return [this.#notice, ""];
      case "sending":
        return [label === 8 ? t("Keeping it as an 8.") : t("Keeping it as a {digit}.", { digit: label }), ""];
      case "waiting":
        return [t("It is kept as soon as the server is back."), ""];
      case "refused":
        return ["", message];
      case "withdrawn":
        return [t("This drawing was withdrawn."), ""];
      case "kept":
        return [
          label === 8 ? t("Kept as an 8.") : t("Kept as a {digit}.", { digit: label }),
          t("Thanks! {given} of {limit}.", { given, limit }),
        ];
      default:
        return [t("You have given as many drawings as we keep. Thank you!"), t("{given} of {limit}", { given, limit })];
    }
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

// "My drawings": one's own kept drawings, what the network makes of them now, and taking them back.

import { reasonOf } from "../server/api.js";
import { withArticle } from "../lib/words.js";

export class Gallery extends EventTarget {
  #dialog;
  #collection;
  #number = null; // of the drawing whose withdrawal is to be confirmed; null for all

  // Event "withdraw-all". collection: a server/collection.js
  constructor(dialog, opener, collection) {
    super();
    this.#dialog = dialog;
    this.#collection = collection;
    opener.addEventListener("click", () => this.#open());
    dialog.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-do]");
      if (button) this.#actions[button.dataset.do](button);
    });
  }

  // While it is open, keys are for it alone.
  get isOpen() {
    return this.#dialog.open;
  }

  // Another version is live: what it makes of the drawings may differ.
  refresh() {
    if (this.#dialog.open) this.#load();
  }

  // Actions

  #actions = {
    close: () => this.#dialog.close(),
    all: () => this.#ask(null, "Remove all your drawings? The network will no longer learn from them."),
    one: (button) => {
      const number = Number(button.closest("li").dataset.number);
      this.#ask(number, "Remove this drawing? The network will no longer learn from it.");
    },
    back: () => {
      this.#ask();
      this.#find("[data-do=all]").focus();
    },
    remove: () => this.#remove(),
  };

  #open() {
    this.#dialog.showModal();
    this.#find(".kept").replaceChildren();
    this.#ask();
    this.#load();
  }

  async #load() {
    try {
      const drawings = await this.#collection.list();
      this.#find(".kept").replaceChildren(...drawings.map((drawing) => this.#card(drawing)));
      this.#say(summary(drawings));
    } catch (error) {
      this.#fail(error, "Close this and try again.");
    }
  }

  // Ask whether to withdraw; without a question, ask nothing.
  #ask(number = null, question = "") {
    this.#number = number;
    this.#find(".confirm").hidden = !question;
    this.#find("[data-do=all]").hidden = Boolean(question);
    this.#find("#withdrawal").textContent = `${question} This cannot be undone.`;
    if (question) this.#find("[data-do=back]").focus();
  }

  async #remove() {
    const number = this.#number;
    this.#ask();
    if (number === null) {
      this.#dialog.close();
      this.dispatchEvent(new Event("withdraw-all"));
      return;
    }
    try {
      await this.#collection.withdrawOne(number);
      await this.#load();
    } catch (error) {
      this.#fail(error, "Nothing was removed; try again.");
    }
  }

  // Internal

  #card({ id, label, digit, verdict }) {
    const card = this.#find("template").content.cloneNode(true).firstElementChild;
    card.dataset.number = id;
    card.toggleAttribute("data-right", digit === label);
    const picture = card.querySelector("img");
    picture.src = this.#collection.picture(id);
    picture.alt = `Your ${label}`;
    card.querySelector("strong").textContent = `${capital(withArticle(label))}.`;
    card.querySelector("span").textContent = reading(label, digit, verdict);
    card.querySelector("button").setAttribute("aria-label", `Withdraw this ${label}`);
    return card;
  }

  #fail(error, advice) {
    this.#say(reasonOf(error, advice));
  }

  #say(sentence) {
    this.#find("[role=status]").textContent = sentence;
  }

  #find(selector) {
    return this.#dialog.querySelector(selector);
  }
}

function summary(drawings) {
  if (!drawings.length) return "No drawing of yours is kept.";
  const right = drawings.filter(({ label, digit }) => label === digit).length;
  return `The network now reads ${right} of ${drawings.length} right.`;
}

function reading(label, digit, verdict) {
  if (digit === label) return "✓ The network reads it right.";
  if (verdict === "unfamiliar") return "✗ The network sees no digit.";
  return `✗ The network reads ${withArticle(digit)}.`;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

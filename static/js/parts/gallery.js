// "My drawings": one's own kept drawings, what the network makes of them now, and taking them back.

import { t } from "../lib/language.js";
import { reasonOf } from "../server/api.js";

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
    all: () => this.#ask(null, t("Remove all your drawings? The network will no longer learn from them. This cannot be undone.")),
    one: (button) => {
      const number = Number(button.closest("li").dataset.number);
      this.#ask(number, t("Remove this drawing? The network will no longer learn from it. This cannot be undone."));
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
      if (!drawings.length) this.#find("[data-do=all]").hidden = true;
      this.#say(summary(drawings));
    } catch (error) {
      this.#fail(error, t("Close this and try again."));
    }
  }

  // Ask whether to withdraw; without a question, ask nothing.
  #ask(number = null, question = "") {
    this.#number = number;
    this.#find(".confirm").hidden = !question;
    this.#find("[data-do=all]").hidden = Boolean(question);
    this.#find("#withdrawal").textContent = question;
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
      this.#fail(error, t("Nothing was removed; try again."));
    }
  }

  // Internal

  #card({ id, label, digit, verdict }) {
    const card = this.#find("template").content.cloneNode(true).firstElementChild;
    card.dataset.number = id;
    card.toggleAttribute("data-right", digit === label);
    const picture = card.querySelector("img");
    picture.src = this.#collection.picture(id);
    picture.alt = t("Your {digit}", { digit: label });
    card.querySelector("strong").textContent = label === 8 ? t("An 8.") : t("A {digit}.", { digit: label });
    card.querySelector("span").textContent = reading(label, digit, verdict);
    card.querySelector("button").setAttribute("aria-label", t("Withdraw this {digit}", { digit: label }));
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
  if (!drawings.length) return t("No drawing of yours is kept.");
  const right = drawings.filter(({ label, digit }) => label === digit).length;
  return t("The network now reads {right} of {total} right.", { right, total: drawings.length });
}

function reading(label, digit, verdict) {
  if (digit === label) return t("✓ The network reads it right.");
  if (verdict === "unfamiliar") return t("✗ The network sees no digit.");
  return digit === 8 ? t("✗ The network reads an 8.") : t("✗ The network reads a {digit}.", { digit });
}

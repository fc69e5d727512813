// A grid of cards with a current one: moves by arrow keys, and finds the next that is pending.

const PENDING = "pending";

export class Cards extends EventTarget {
  #cards;
  #current;

  // Event "move": another card became the current one.
  constructor(element) {
    super();
    this.#cards = [...element.querySelectorAll("[role=gridcell]")];
    this.#settle(this.#cards[0]);
    element.addEventListener("focusin", ({ target }) => {
      const card = target.closest("[role=gridcell]");
      if (card) this.#settle(card);
    });
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  get current() {
    return this.#current;
  }

  get ids() {
    return this.#cards.map(({ dataset }) => dataset.id);
  }

  find(id) {
    return this.#cards.find((card) => card.dataset.id === String(id));
  }

  // Make a card the current one. It also gets the focus, if the focus is in the grid.
  go(card) {
    const had = this.#cards.includes(document.activeElement);
    if (had) card.focus();
    else this.#settle(card);
    if (!had) card.scrollIntoView({ block: "nearest" });
  }

  // The next pending card after the current one, wrapping around at the end; or undefined.
  nextPending() {
    const start = this.#cards.indexOf(this.#current);
    const order = [...this.#cards.slice(start + 1), ...this.#cards.slice(0, start)];
    return order.find(({ dataset }) => dataset.status === PENDING && !("busy" in dataset));
  }

  // Internal

  #settle(card) {
    if (card === this.#current) return;
    for (const each of this.#cards) {
      each.tabIndex = each === card ? 0 : -1;
      each.toggleAttribute("data-current", each === card);
    }
    this.#current = card;
    this.dispatchEvent(new Event("move"));
  }

  #key(event) {
    const index = this.#cards.indexOf(event.target);
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = this.#target(index, event.key);
    if (target === undefined) return;
    this.#cards[target].focus();
    event.preventDefault();
  }

  #target(index, key) {
    const columns = this.#columns();
    const last = this.#cards.length - 1;
    switch (key) {
      case "ArrowLeft":
        return Math.max(0, index - 1);
      case "ArrowRight":
        return Math.min(last, index + 1);
      case "ArrowUp":
        return index < columns ? index : index - columns;
      case "ArrowDown":
        // The last line may be short: from above its gap, go to the last card.
        return Math.floor(index / columns) === Math.floor(last / columns) ? index : Math.min(last, index + columns);
      case "Home":
        return 0;
      case "End":
        return last;
    }
  }

  // The number of cards on the first line.
  #columns() {
    const top = this.#cards[0].offsetTop;
    const below = this.#cards.findIndex((card) => card.offsetTop > top);
    return below < 0 ? this.#cards.length : below;
  }
}

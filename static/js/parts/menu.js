// A <details> element as a menu: it closes on a choice, on Escape, and on a press elsewhere.

export class Menu {
  #details;

  // onOpen: called when it opens.
  constructor(details, onOpen) {
    this.#details = details;
    details.addEventListener("toggle", () => details.open && onOpen());
    details.addEventListener("click", ({ target }) => target.closest("button") && this.#close());
    details.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("pointerdown", ({ target }) => details.contains(target) || this.#close());
  }

  // Internal

  #key(event) {
    if (event.key !== "Escape" || !this.#details.open) return;
    event.stopPropagation(); // on the page, Escape clears the drawing
    this.#close();
    this.#details.querySelector("summary").focus();
  }

  #close() {
    this.#details.open = false;
  }
}

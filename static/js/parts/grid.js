// The 8x8 picture that the network sees, each cell 0..16. It can be edited cell by cell.

import { t } from "../lib/language.js";

const SIDE = 8;
const MOST = 16;
const STEP = 2; // of the + and - keys

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export class Grid extends EventTarget {
  #cells;
  #pixels = new Array(SIDE * SIDE).fill(0);
  #before = new Map(); // intensities of cells that were turned off, to restore them
  editable = true;

  // Events: "edit" when a person changed a cell; read `pixels` then.
  constructor(element) {
    super();
    this.#cells = [...element.querySelectorAll("[role=gridcell]")];
    this.#cells[0].tabIndex = 0;
    element.addEventListener("click", (event) => {
      const index = this.#cells.indexOf(event.target);
      if (index >= 0) this.#switch(index);
    });
    element.addEventListener("focusin", (event) => this.#rove(event.target));
    element.addEventListener("keydown", (event) => this.#key(event));
    this.#render();
  }

  // 64 intensities, 0..16, row by row.
  get pixels() {
    return [...this.#pixels];
  }

  show(pixels) {
    if (pixels.every((value, index) => value === this.#pixels[index])) return;
    this.#before.clear();
    this.#pixels = [...pixels];
    this.#render();
  }

  // The cell at which the Tab key would enter.
  focus() {
    this.#cells.find((cell) => cell.tabIndex === 0).focus({ preventScroll: true });
  }

  // Internal

  #render() {
    this.#cells.forEach((cell, index) => {
      const value = this.#pixels[index];
      const [row, column] = [Math.floor(index / SIDE) + 1, (index % SIDE) + 1];
      cell.style.setProperty("--intensity", value / MOST);
      cell.toggleAttribute("data-dark", value > MOST / 2);
      cell.textContent = value || "";
      const place = { row, column, value, most: MOST };
      cell.setAttribute("aria-label", t("Row {row}, column {column}: {value} of {most}", place));
    });
  }

  #key(event) {
    const index = this.#cells.indexOf(event.target);
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in MOVES) this.#move(index, ...MOVES[event.key]);
    else if (event.key === " " || event.key === "Enter") this.#switch(index);
    else if (event.key === "+") this.#set(index, this.#pixels[index] + STEP);
    else if (event.key === "-") this.#set(index, this.#pixels[index] - STEP);
    else return;
    event.preventDefault();
  }

  #move(index, down, across) {
    const row = Math.min(SIDE - 1, Math.max(0, Math.floor(index / SIDE) + down));
    const column = Math.min(SIDE - 1, Math.max(0, (index % SIDE) + across));
    this.#cells[SIDE * row + column].focus();
  }

  // The Tab key enters the grid at the cell that had the focus last.
  #rove(cell) {
    for (const each of this.#cells) each.tabIndex = each === cell ? 0 : -1;
  }

  #switch(index) {
    const value = this.#pixels[index];
    const other = value ? 0 : (this.#before.get(index) ?? MOST);
    this.#before.set(index, value || MOST);
    this.#set(index, other);
  }

  #set(index, value) {
    if (!this.editable) return;
    this.#pixels[index] = Math.min(MOST, Math.max(0, value));
    this.#render();
    this.dispatchEvent(new Event("edit"));
  }
}

// Numbers as a picture of cells: how dark says how much. Signed numbers are orange above 0 and
// blue below; others go from paper to ink.

const FOR = [217, 95, 2]; // --for and --against of tokens.css
const AGAINST = [45, 118, 214];
const INK = [0, 0, 0]; // the style turns a picture of ink around in the dark
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// Paints numbers on a canvas, one pixel each; the style scales it in sharp squares.
// canvas: with class "cells", and "signed" for signed numbers; values: row by row; most: the size
// that is darkest; columns: cells in a row; name: says what it shows, with the number that matters.
export function paintCells(canvas, values, { most, columns = 8, name }) {
  const signed = canvas.classList.contains("signed");
  const rows = Math.ceil(values.length / columns);
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  values.forEach((value, i) => {
    const [red, green, blue] = signed ? (value < 0 ? AGAINST : FOR) : INK;
    image.data.set([red, green, blue, Math.round(255 * strength(value, most))], 4 * i);
  });
  context.putImageData(image, 0, 0);
  if (!name) return;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
}

// The largest size among the numbers; 1 if all are 0.
export function largest(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
}

// Whether all numbers are 0, as in a picture without ink.
export function isBlank(values) {
  return values.every((value) => value === 0);
}

// Cells that can be pointed at, and reached by Tab and the arrow keys.
export class Cells extends EventTarget {
  #element;
  #columns;
  #name;
  #cells = [];
  #chosen = null;

  // Events, detail is the number of a cell: "look" when one is pointed at or has the focus, null
  // when none is any more; "choose" when one is pressed.
  // element: an empty one of class "cells", and "signed" for signed numbers; it needs a name.
  // name: (number of a cell, its value) -> what the cell is called.
  constructor(element, { count = 64, columns = 8, name }) {
    super();
    [this.#element, this.#columns, this.#name] = [element, columns, name];
    this.#build(count);
    this.#listen("pointerover", "look");
    this.#listen("focusin", "look");
    this.#listen("click", "choose");
    for (const end of ["pointerleave", "focusout"]) {
      element.addEventListener(end, () => this.#emit("look", this.#focused()));
    }
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  // Actions

  // values: row by row; most: the size that is darkest; text: (value) -> what stands in the cell.
  show(values, { most = largest(values), text = () => "" } = {}) {
    values.forEach((value, i) => {
      const cell = this.#cells[i];
      cell.style.setProperty("--strength", strength(value, most));
      cell.toggleAttribute("data-against", value < 0);
      cell.textContent = text(value, i);
      cell.setAttribute("aria-label", this.#name(i, value));
    });
  }

  // The cell that is marked, or null.
  get chosen() {
    return this.#chosen;
  }

  set chosen(index) {
    this.#chosen = index;
    this.#cells.forEach((cell, i) => cell.setAttribute("aria-selected", String(i === index)));
    this.#rove(index ?? 0);
  }

  // Internal

  #build(count) {
    this.#element.setAttribute("role", "grid");
    this.#element.style.setProperty("--columns", this.#columns);
    for (let start = 0; start < count; start += this.#columns) {
      const row = document.createElement("div");
      row.setAttribute("role", "row");
      for (let i = start; i < Math.min(start + this.#columns, count); i++) row.append(this.#cell());
      this.#element.append(row);
    }
    this.#cells = [...this.#element.querySelectorAll("[role=gridcell]")];
    this.#rove(0);
  }

  #cell() {
    const cell = document.createElement("div");
    cell.setAttribute("role", "gridcell");
    cell.tabIndex = -1;
    return cell;
  }

  #listen(event, type) {
    this.#element.addEventListener(event, ({ target }) => {
      const index = this.#cells.indexOf(target);
      if (index < 0) return;
      if (event === "focusin") this.#rove(index);
      this.#emit(type, index);
    });
  }

  #focused() {
    const index = this.#cells.indexOf(document.activeElement);
    return index < 0 ? null : index;
  }

  #key(event) {
    const index = this.#cells.indexOf(event.target);
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in MOVES) this.#move(index, ...MOVES[event.key]);
    else if (event.key === " " || event.key === "Enter") this.#emit("choose", index);
    else return;
    event.preventDefault();
  }

  #move(index, down, across) {
    const column = (index % this.#columns) + across;
    if (column < 0 || column >= this.#columns) return;
    this.#cells[index + across + down * this.#columns]?.focus();
  }

  // The Tab key enters at the cell that had the focus last.
  #rove(index) {
    this.#cells.forEach((cell, i) => (cell.tabIndex = i === index ? 0 : -1));
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function strength(value, most) {
  return Math.min(1, Math.abs(value) / most);
}

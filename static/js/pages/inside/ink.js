// Step "ink": the drawing on its way to 8x8 cells, and how one cell is counted.

import { Cells, isBlank, paintCells } from "../../parts/cells.js";
import { example } from "../../lib/example.js";
import { follow } from "../../parts/lesson.js";
import { placeOf } from "../../lib/names.js";
import { t } from "../../lib/language.js";

const SIDE = 8;
const NAMES = {
  found: t("The ink as it was found"),
  evened: t("The ink with strokes of one weight"),
  upright: t("The ink without its slant"),
  stretched: t("The ink as high as the frame"),
  counted: t("The ink that is counted in 64 cells"),
};

const find = (id) => document.getElementById(id);
const cells = new Cells(find("counted-cells"), { name: nameOf });
let latest = null;

cells.addEventListener("choose", ({ detail }) => showCell(detail));
cells.addEventListener("look", ({ detail }) => detail !== null && showCell(detail));

follow("ink", picture, (answer) => {
  const isFirst = latest === null;
  latest = answer;
  showSteps(answer);
  const values = answer.steps?.cells ?? answer.cells;
  cells.show(values, { most: 16, text: String });
  if (isFirst || cells.chosen === null) cells.chosen = mostInstructive(answer);
  showCell(cells.chosen);
});

function picture() {
  return { picture: example.current.picture?.split(",")[1] ?? null };
}

function showSteps({ steps, cells: values }) {
  find("steps-of-ink").toggleAttribute("data-empty", !steps);
  find("no-ink").classList.toggle("off", steps !== null || isBlank(values));
  find("blank").classList.toggle("off", steps !== null || !isBlank(values));
  for (const [name, sentence] of Object.entries(NAMES)) {
    const canvas = document.querySelector(`[data-frame=${name}]`);
    const values = steps ? bytesOf(steps[name]) : new Uint8Array(64 * 64);
    paintCells(canvas, values, { most: 255, columns: 64, name: sentence });
  }
}

// The first cell that is neither empty nor full.
function mostInstructive({ steps, cells: values }) {
  return Math.max(0, (steps?.cells ?? values).findIndex((value) => value > 4 && value < 13));
}

function showCell(index) {
  if (!latest) return; // before the first answer
  cells.chosen = index;
  const { steps, cells: values } = latest;
  find("mark").style.setProperty("--row", Math.floor(index / SIDE));
  find("mark").style.setProperty("--column", index % SIDE);
  find("one-cell").toggleAttribute("data-empty", !steps);
  find("halves").classList.toggle("off", !steps || steps.exact[index] % 1 !== 0.5);
  if (!steps) {
    find("count-in-words").textContent = t("Row {row}, column {column} holds {value} of 16.", { ...placeOf(index), value: values[index] });
    return;
  }
  const count = steps.counts[index];
  const name = t("The 64 small squares of this cell: {count} are ink", { count });
  paintCells(find("fine"), fine(bytesOf(steps.counted), index), { most: 255, name });
  find("count-in-words").textContent = t("Row {row}, column {column} has 64 small squares, and {count} of them are ink.", { ...placeOf(index), count });
  find("count").textContent = count;
  find("exact").textContent = steps.exact[index];
  find("rounded").textContent = steps.cells[index];
}

// The 8x8 small squares of a cell, of a frame of 64x64.
function fine(frame, index) {
  const [row, column] = [Math.floor(index / SIDE), index % SIDE];
  return Array.from({ length: 64 }, (_, i) => frame[(SIDE * row + Math.floor(i / SIDE)) * 64 + SIDE * column + (i % SIDE)]);
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function nameOf(index, value) {
  return t("Row {row}, column {column}: {value} of {most}", { ...placeOf(index), value, most: 16 });
}

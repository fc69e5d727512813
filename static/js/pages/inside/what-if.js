// Step "what-if": edit cells and see the answer follow; each cell's share; the smallest change.

import { Cells, paintCells } from "../../parts/cells.js";
import { asker, follow } from "../../parts/lesson.js";
import { Bars, percent } from "../../parts/bars.js";
import { Challenges } from "../../parts/challenges.js";
import { Grid } from "../../parts/grid.js";
import { bracketed, decimal } from "../../lib/numbers.js";
import { n, t } from "../../lib/language.js";
import { example } from "../../lib/example.js";
import { placeOf } from "../../lib/names.js";
import { reading } from "../../parts/reading.js";

const find = (id) => document.getElementById(id);
const grid = new Grid(find("grid"));
const bars = new Bars(find("bars"), find("thinks"));
const shares = new Cells(find("shares"), { name: (index, share) => t("{place}: {share}", { place: place(index), share: decimal(share) }) });

let before = null; // the example as it was before its cells were edited
let latest = null; // the answer about shares
let found = null; // the answer about the smallest change
let search; // asks for it, for the present example

// Editing

grid.addEventListener("edit", () => {
  before ??= example.current;
  example.edit(grid.pixels);
});
find("restore").addEventListener("click", () => example.change({ ...before, version: example.current.version }));
example.addEventListener("change", showExample);
reading.addEventListener("answer", ({ detail }) => bars.show(detail.probabilities, detail.verdict !== "unfamiliar"));

function showExample() {
  const { pixels } = example.current;
  const isEdited = pixels.every((value, i) => value === grid.pixels[i]); // else it comes from elsewhere
  grid.show(pixels);
  if (!isEdited) before = null;
  find("restore").disabled = before === null;
  find("own").hidden = !example.current.own;
  find("take").disabled = true;
  paintCells(find("changed"), pixels, { most: 16, name: t("The picture as it is") });
  find("found-in-words").textContent = "";
  const mine = example.current;
  // An answer about an earlier example comes too late.
  search = asker("change", (answer) => mine === example.current && showFound(answer));
}

// Shares

const askForShares = follow("shares", () => ({ digit: choice("share-of") }), (answer) => {
  latest = answer;
  shares.show(answer.shares, { text: (share) => (Math.abs(share) < 0.05 ? "" : decimal(share, 1)) });
  showShare(answer.shares[shares.chosen] ? shares.chosen : largestOf(answer.shares));
});
find("share-of").addEventListener("change", askForShares);
shares.addEventListener("choose", ({ detail }) => showShare(detail));
shares.addEventListener("look", ({ detail }) => detail !== null && showShare(detail));

function showShare(index) {
  if (!latest) return; // before the first answer
  shares.chosen = index;
  const [share, without] = [latest.shares[index], latest.without[index]];
  find("share-in-words").textContent = inWords(index, share, latest.digit);
  find("share").textContent = decimal(share);
  find("logit").textContent = decimal(latest.logit);
  find("without").textContent = bracketed(decimal(without));
}

function inWords(index, share, digit) {
  const value = example.current.pixels[index];
  const values = { place: place(index), value, digit };
  if (value === 0) return t("{place} is empty already, so it has no share.", values);
  if (share < 0) return t("{place}, with {value} of 16, speaks against the {digit}.", values);
  return t("{place}, with {value} of 16, speaks for the {digit}.", values);
}

function largestOf(values) {
  return values.reduce((best, value, i) => (Math.abs(value) > Math.abs(values[best]) ? i : best), 0);
}

// The smallest change

function showFound(answer) {
  found = answer;
  find("take").disabled = !answer.cells?.length;
  find("found-in-words").textContent = changeInWords(answer);
  const pixels = answer.pixels ?? example.current.pixels;
  paintCells(find("changed"), pixels, { most: 16, name: t("The picture with these cells changed") });
}
find("search").addEventListener("click", () => {
  const { pixels, version } = example.current;
  search({ pixels, version, target: choice("target") });
});
find("take").addEventListener("click", () => {
  before ??= example.current;
  grid.show(found.pixels);
  example.edit(found.pixels);
  find("goal").scrollIntoView({ block: "nearest" });
});

function changeInWords({ cells, pixels, most, digit, probability }) {
  if (!cells) return t("No change of up to {most} cells was found.", { most });
  if (!cells.length) return digit === 8 ? t("It reads an 8 already.") : t("It reads a {digit} already.", { digit });
  const certainty = percent(probability);
  const reads = digit === 8 ? t("Now it reads an 8, at {certainty}.", { certainty }) : t("Now it reads a {digit}, at {certainty}.", { digit, certainty });
  // Translators: between two changes, such as "fill row 3, column 4".
  const changes = cells.map((cell) => cellChange(cell, pixels[cell])).join(t("; "));
  return n("One cell is enough: {changes}. {reads}", "{count} cells are enough: {changes}. {reads}", cells.length, { changes, reads });
}

function cellChange(cell, value) {
  return value ? t("fill row {row}, column {column}", placeOf(cell)) : t("empty row {row}, column {column}", placeOf(cell));
}

// Wiring

const challenges = new Challenges(document.querySelector(".challenges"), find("goal"));
challenges.addEventListener("begin", ({ detail }) => {
  example.lend(detail);
  find("goal").scrollIntoView({ block: "nearest" });
  grid.focus();
});
find("own").addEventListener("click", () => {
  example.backToOwn();
  grid.focus();
});
if (example.current.pixels) showExample();

function choice(id) {
  return find(id).value === "" ? null : Number(find(id).value);
}

function place(index) {
  return t("Row {row}, column {column}", placeOf(index));
}

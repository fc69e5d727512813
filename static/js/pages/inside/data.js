// Step "data": the digits by class, the nearest to one's own drawing, and the room's average.

import { asker, follow } from "../../parts/lesson.js";
import { largest, paintCells } from "../../parts/cells.js";
import { n, t } from "../../lib/language.js";
import { example } from "../../lib/example.js";
import { withArticle } from "../../lib/words.js";

const [ACROSS, DOWN] = [18, 11]; // places for pictures on the sheet; no class has more
const STEP = 9; // px from one to the next
const INK = { most: 16 };
const NAMES = {
  digits: (digit) => t("The average {digit} in the data", { digit }),
  room: (digit) => t("The average {digit} in this room", { digit }),
};

const find = (id) => document.getElementById(id);
const buttons = [...find("classes").children];
const rooms = [...find("room").children];

asker("averages", ({ digits, room }) => {
  buttons.forEach((button, digit) => showAverage(button, digits, digit));
  rooms.forEach((figure, digit) => showRoom(figure, digits, room, digit));
})({});
const askForClass = asker("class", ({ pictures }) => showSheet(pictures));
for (const button of buttons) button.addEventListener("click", () => choose(Number(button.dataset.digit)));

follow("nearest", null, ({ nearest }) => {
  paintCells(find("own"), example.current.pixels, { ...INK, name: t("Your drawing") });
  nearest.forEach(showNeighbour);
  find("distance").textContent = nearest[0].distance.toFixed(1);
  if (chosen() < 0) choose(nearest[0].label);
});

function choose(digit) {
  buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === digit)));
  askForClass({ digit });
}

function showAverage(button, { averages, counts }, digit) {
  paintCells(button.querySelector("canvas"), averages[digit], INK);
  button.querySelector("small").textContent = counts[digit];
  button.setAttribute("aria-label", t("Digit {digit}: {number} pictures", { digit, number: counts[digit] }));
}

// All pictures of a class on one canvas, a line of paper between them.
function showSheet(pictures) {
  const columns = STEP * ACROSS - 1;
  const sheet = new Array(columns * (STEP * DOWN - 1)).fill(0);
  pictures.forEach((characters, i) => {
    const corner = columns * STEP * Math.floor(i / ACROSS) + STEP * (i % ACROSS);
    [...characters].forEach((character, cell) => {
      sheet[corner + columns * Math.floor(cell / 8) + (cell % 8)] = parseInt(character, 17);
    });
  });
  const name = t("All {number} pictures of the digit {digit}", { number: pictures.length, digit: chosen() });
  paintCells(find("sheet"), sheet, { ...INK, columns, name });
}

function chosen() {
  return buttons.findIndex((button) => button.getAttribute("aria-pressed") === "true");
}

function showNeighbour({ label, distance, pixels }, place) {
  const figure = document.querySelector(`[data-place="${place}"]`);
  const sentence = t("{a_digit} at distance {distance}", { a_digit: withArticle(label), distance: distance.toFixed(1) });
  paintCells(figure.querySelector("canvas"), pixels, { ...INK, name: sentence });
  const title = document.createElement("strong");
  title.textContent = label;
  figure.querySelector("figcaption").replaceChildren(title, distance.toFixed(1));
}

function showRoom(figure, digits, room, digit) {
  const count = room?.counts[digit] ?? 0;
  const pictures = { digits: digits.averages[digit], room: room?.averages[digit] ?? [] };
  for (const [of, nameOf] of Object.entries(NAMES)) {
    paintCells(figure.querySelector(`[data-of=${of}]`), count || of === "digits" ? pictures[of] : new Array(64).fill(0), {
      ...INK,
      name: nameOf(digit),
    });
  }
  const difference = count ? room.differences[digit] : new Array(64).fill(0);
  paintCells(figure.querySelector("[data-of=difference]"), difference, {
    ...INK,
    name: t("Differences of up to {most} of 16", { most: largest(difference).toFixed(1) }),
  });
  figure.toggleAttribute("data-none", count === 0);
  figure.querySelector("small").textContent = room ? drawings(count) : t("not known just now");
}

function drawings(count) {
  return count ? n("{count} drawing", "{count} drawings", count) : t("none drawn yet");
}

// What stands around every step: the drawing, what the network reads in it, and the list of steps.

import { Changer } from "../../parts/changer.js";
import { Menu } from "../../parts/menu.js";
import { example } from "../../lib/example.js";
import { named } from "../../parts/verdict.js";
import { paintCells } from "../../parts/cells.js";
import { reading } from "../../parts/reading.js";
import { withArticle } from "../../lib/words.js";

const find = (id) => document.getElementById(id);
const [reads, network] = find("reads").children;

new Changer(find("changing"), find("change"));
new Menu(find("steps-menu"), () => {});
example.addEventListener("change", paintExample);
paintExample();
reading.addEventListener("answer", ({ detail }) => {
  say(reads, sentence(detail));
  say(network, looker(detail.model.version));
});

function paintExample() {
  paintCells(find("example"), example.current.pixels, { most: 16 });
}

function sentence(answer) {
  if (answer.verdict === "blank") return "Nothing is drawn.";
  if (answer.verdict === "unfamiliar") return "It reads no digit.";
  const digit = named(answer);
  return digit === null ? "It is torn." : `It reads ${withArticle(digit)}.`;
}

function looker(version) {
  if (version === 0) return "The article’s network";
  return example.current.version === null ? `Version ${version}, live` : `Version ${version}`;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

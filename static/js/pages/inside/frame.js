// What stands around every step: the drawing, what the network reads in it, and the list of steps.

import { Changer } from "../../parts/changer.js";
import { Menu } from "../../parts/menu.js";
import { example } from "../../lib/example.js";
import { named } from "../../lib/named.js";
import { paintCells } from "../../parts/cells.js";
import { reading } from "../../parts/reading.js";
import { t } from "../../lib/language.js";

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
  if (answer.verdict === "blank") return t("Nothing is drawn.");
  if (answer.verdict === "unfamiliar") return t("It reads no digit.");
  const digit = named(answer);
  if (digit === null) return t("It is torn.");
  return digit === 8 ? t("It reads an 8.") : t("It reads a {digit}.", { digit });
}

function looker(version) {
  if (version === 0) return t("The article’s network");
  return example.current.version === null ? t("Version {version}, live", { version }) : t("Version {version}", { version });
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// The admin page of the wall: its switches, drawings that can be shown large, and whether phones
// get through. Another presenter's presses show here too.

import { n, t } from "../lib/language.js";
import { badge } from "../parts/connection.js";
import { paint, showHandwriting } from "../parts/thumbnail.js";
import { described } from "../parts/tiles.js";
import { Refused, partOfPage } from "../server/api.js";
import { Feed } from "../server/feed.js";

const REPLACED = [".shows", "#all-again"]; // parts of the page that follow the switches

const find = (id) => document.getElementById(id);
const workshop = find("workshop");
const choices = find("choices");
const feed = new Feed();

// Switches

// The server renders them. Those that the page shows already need nothing.
async function switchesChanged(switches) {
  const shown = switchesShown();
  if (isSame(shown, switches)) return;
  if (shown.wifi !== switches.wifi) find("wifi").value = switches.wifi;
  try {
    replaceParts(await partOfPage(workshop.dataset.page));
  } catch (error) {
    if (error instanceof Refused) location.reload(); // the page that comes says what to do
  }
}

function replaceParts(page) {
  const focused = document.activeElement?.getAttribute("aria-describedby");
  for (const part of REPLACED) document.querySelector(part).replaceWith(page.querySelector(part));
  markLarge();
  if (focused) document.querySelector(`.shows [aria-describedby="${focused}"]`)?.focus({ preventScroll: true });
}

function switchesShown() {
  return JSON.parse(document.querySelector(".shows").dataset.switches);
}

// Members may come in another order.
function isSame(before, now) {
  const names = Object.keys({ ...before, ...now });
  return names.every((name) => JSON.stringify(before[name]) === JSON.stringify(now[name]));
}

// Drawings

function showDrawings(drawings) {
  const focused = document.activeElement?.value;
  const shown = drawings.slice(0, Number(choices.dataset.most));
  choices.replaceChildren(...shown.map(choice));
  markLarge();
  find("empty").hidden = shown.length > 0;
  // Keep the focus, unless its drawing is gone.
  if (focused) choices.querySelector(`[value="${focused}"]`)?.focus({ preventScroll: true });
}

function choice(drawing) {
  const { predicted, certainty, outcome } = described(drawing);
  const button = document.createElement("button");
  [button.name, button.value] = ["drawing", drawing.id];
  button.setAttribute("aria-label", named(drawing, predicted));
  const caption = document.createElement("span");
  caption.textContent = `${predicted} ${certainty} ${outcome}`;
  button.append(pictures(drawing), caption);
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function named({ id, label, predicted }, shown) {
  const values = { number: id, predicted: shown, digit: label };
  if (predicted === label) return t("Show drawing {number} large: {predicted}, right", values);
  if (label === 8) return t("Show drawing {number} large: {predicted}, it is an 8", values);
  return t("Show drawing {number} large: {predicted}, it is a {digit}", values);
}

function pictures(drawing) {
  const both = document.createElement("span");
  both.className = "pictures";
  const handwriting = document.createElement("img");
  [handwriting.className, handwriting.alt, handwriting.dataset.href] = ["picture", "", choices.dataset.picture];
  showHandwriting(handwriting, drawing);
  const seen = document.createElement("canvas");
  [seen.width, seen.height, seen.className] = [8, 8, "picture"];
  paint(seen, drawing.pixels);
  both.append(handwriting, seen);
  return both;
}

function markLarge() {
  const { large } = switchesShown();
  for (const button of choices.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", Number(button.value) === large);
  }
}

// Phones

function showDevices(count) {
  const element = find("devices");
  if (!element) return; // the server does not listen to phones at all
  element.dataset.devices = count;
  const text = count
    ? n("yes, {count} device in the last minute", "yes, {count} devices in the last minute", count)
    : t("none in the last minute");
  const strong = element.querySelector("strong");
  if (strong.textContent !== text) strong.textContent = text;
  find("advice").hidden = count > 0;
}

// Wiring

badge(feed);
feed.addEventListener("switches", ({ detail }) => switchesChanged(detail));
feed.addEventListener("drawings", ({ detail }) => showDrawings(detail));
feed.addEventListener("devices", ({ detail }) => showDevices(detail));
feed.addEventListener("addresses", ({ detail }) => {
  const machine = JSON.parse(workshop.dataset.machine);
  if (machine && !isSame(machine, detail)) location.reload();
});

feed.follow(workshop.dataset.events);

// The admin page of the wall: drawings that can be shown large, and whether phones get through.

import { Feed } from "../server/feed.js";
import { paint } from "../parts/thumbnail.js";
import { described } from "../parts/tiles.js";
import { withArticle } from "../lib/words.js";

const find = (id) => document.getElementById(id);
const workshop = find("workshop");
const choices = find("choices");
const feed = new Feed();

function showDrawings(drawings) {
  const focused = document.activeElement?.value;
  const shown = drawings.slice(0, Number(choices.dataset.most));
  choices.replaceChildren(...shown.map(choice));
  find("empty").hidden = shown.length > 0;
  // Keep the focus, unless its drawing is gone.
  if (focused) choices.querySelector(`[value="${focused}"]`)?.focus();
}

function choice(drawing) {
  const { predicted, certainty, outcome } = described(drawing);
  const button = document.createElement("button");
  [button.name, button.value] = ["drawing", drawing.id];
  button.setAttribute("aria-pressed", String(drawing.id) === choices.dataset.large);
  const truth = drawing.predicted === drawing.label ? "right" : `it is ${withArticle(drawing.label)}`;
  button.setAttribute("aria-label", `Show drawing ${drawing.id} large: ${predicted}, ${truth}`);
  const picture = document.createElement("canvas");
  [picture.width, picture.height, picture.className] = [8, 8, "picture"];
  paint(picture, drawing.pixels);
  const caption = document.createElement("span");
  caption.textContent = `${predicted} ${certainty} ${outcome}`;
  button.append(picture, caption);
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function showDevices(count) {
  const element = find("devices");
  if (!element) return; // the server does not listen to phones at all
  element.dataset.devices = count;
  const text = count ? `yes, ${count} ${count === 1 ? "device" : "devices"} in the last minute` : "none in the last minute";
  const strong = element.querySelector("strong");
  if (strong.textContent !== text) strong.textContent = text;
  find("advice").hidden = count > 0;
}

function connection(state, text) {
  find("connection").dataset.state = state;
  find("connection").textContent = text;
}

feed.addEventListener("connected", () => connection("connected", "Connected"));
feed.addEventListener("lost", () => connection("lost", "Server out of reach"));
feed.addEventListener("drawings", ({ detail }) => showDrawings(detail));
feed.addEventListener("devices", ({ detail }) => showDevices(detail));
feed.addEventListener("addresses", ({ detail }) => {
  if (JSON.stringify(detail) !== JSON.stringify(JSON.parse(workshop.dataset.machine))) location.reload();
});

feed.follow(workshop.dataset.events);

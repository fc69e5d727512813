// The overview: follows what goes on, and always offers the one thing to do next.

import { Feed } from "../server/feed.js";
import { badge } from "../parts/connection.js";
import { t } from "../lib/language.js";
import { runName } from "../lib/words.js";
import { withNumber } from "../lib/address.js";

const SETTLING = 1000; // ms in which a button that has just become another one ignores presses

const STATUSES = {
  ...{ waiting: t("waiting"), running: t("running"), finished: t("finished") },
  ...{ failed: t("failed"), cancelled: t("cancelled"), interrupted: t("interrupted") },
};

const find = (id) => document.getElementById(id);
const overview = find("overview");
const feed = new Feed();
let { shown } = find("steps").dataset;
let changedAt = -SETTLING;

function show({ step, texts, change, back, figures, runs, log }) {
  showStep(step);
  for (const place of overview.querySelectorAll("[data-text]")) setText(place, texts[place.dataset.text]);
  find("roll-back").hidden = !back;
  find("roll-back").elements.live.value = change;
  setText(find("before"), back);
  list("figures", figures, ([share, what]) => [element("b", share), ` ${what}`]);
  list("runs", runs, ([number, name, status]) => [
    element("a", t("Run {number}, {name}", { number, name: runName(name) }), { href: `${overview.dataset.train}?run=${number}` }),
    " ",
    element("span", STATUSES[status], { className: "status" }, { status }),
  ]);
  list("log", log, ([moment, time, sentence]) => [element("time", time, { dateTime: moment }), element("span", sentence)]);
}

function showStep({ kind, label, number }) {
  const now = `${kind} ${number}`;
  for (const each of overview.querySelectorAll("[data-step]")) {
    each.hidden = each.dataset.step !== kind;
    if (each.hidden) continue;
    if (each.dataset.action) each.action = withNumber(each.dataset.action, number);
    setText(each.querySelector("button") ?? each, label);
  }
  if (shown !== now) changedAt = performance.now();
  shown = now;
}

// Fill a list, unless it shows these items already.
function list(id, items, parts) {
  const place = find(id);
  const wanted = JSON.stringify(items);
  if (place.dataset.shows === wanted) return;
  place.dataset.shows = wanted;
  place.replaceChildren(...items.map((item) => row(parts(item))));
  if (!items.length) place.append(element("li", place.dataset.empty, { className: "help" }));
}

function row(parts) {
  const item = document.createElement("li");
  item.append(...parts);
  return item;
}

function element(name, text, properties = {}, data = {}) {
  const made = Object.assign(document.createElement(name), { textContent: text, ...properties });
  Object.assign(made.dataset, data);
  return made;
}

// Setting the same text again would make screen readers repeat it.
function setText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

// Whoever aims at one thing must not do another that took its place just then.
find("steps").addEventListener("click", (event) => {
  if (performance.now() - changedAt < SETTLING) event.preventDefault();
});

badge(feed);
feed.addEventListener("overview", ({ detail }) => show(detail));
feed.follow(overview.dataset.events);

// The drawings page: keys and buttons decide on the current card, one request after the other.

import { Refused, changeDrawings, decideOnPerson, newDrawings } from "../server/api.js";
import { Cards } from "../parts/cards.js";
import { UndoStack } from "../lib/undo.js";
import { named } from "../lib/words.js";

const LOOK_EVERY = 3000; // ms
const AT_ONCE = 1000; // changes of one request

const find = (id) => document.getElementById(id);
const section = find("moderation");
const { token, stack, changes: CHANGES, decide: DECIDE, news: NEWS } = section.dataset;
const cards = find("queue") && new Cards(find("queue"));
const undone = new UndoStack("drawings", stack);
let line = Promise.resolve(); // of requests: each waits for the one before

// Actions

function decide(status) {
  const card = cards.current;
  if (card.dataset.status === "gone") return next();
  const { id } = card.dataset;
  card.dataset.busy = "";
  next();
  inLine(async () => {
    try {
      await change([{ id: Number(id), status }]);
    } finally {
      delete card.dataset.busy;
    }
  });
}

function relabel(label) {
  const { id, status } = cards.current.dataset;
  if (status !== "gone") inLine(() => change([{ id: Number(id), label }]));
}

function next() {
  const card = cards.nextPending();
  if (card) cards.go(card);
}

async function change(changes) {
  const answer = await changeDrawings(CHANGES, token, changes);
  keep(answer);
  if (answer.drawings.length) tell(`${described(answer.drawings)}.`);
}

function decideOnAll(person, status) {
  inLine(async () => {
    const answer = await decideOnPerson(DECIDE.replace(/\b0\b/, person), token, status);
    keep(answer);
    if (answer.drawings.length) tell(`${described(answer.drawings)}, all by person ${person}.`);
    else tell(`Nothing by person ${person} is pending.`);
    if (cards?.current.dataset.status !== "pending") next();
  });
}

function undo() {
  inLine(async () => {
    if (undone.isEmpty) return tell("There is nothing to undo.");
    const before = undone.pop();
    showUndo();
    try {
      const changed = [];
      while (before.length) {
        const answer = await changeDrawings(CHANGES, token, before.slice(0, AT_ONCE));
        before.splice(0, AT_ONCE);
        show(answer);
        changed.push(...answer.drawings);
      }
      if (changed.length) tell(`Undone. Now ${described(changed).toLowerCase()}.`);
      const card = changed.map(({ id }) => cards?.find(id)).find(Boolean);
      if (card) cards.go(card);
    } finally {
      if (before.length) undone.push(before);
      showUndo();
    }
  });
}

function inLine(act) {
  line = line.then(act).then(() => fail(null), fail);
}

// What the server says

function keep(answer) {
  if (answer.before.length) undone.push(answer.before);
  showUndo();
  show(answer);
}

function show({ drawings, gone, totals }) {
  for (const drawing of drawings) showCard(drawing);
  for (const id of gone) showGone(cards?.find(id));
  if (gone.length) tell(`${numbered(gone.length)} withdrawn or deleted meanwhile.`);
  showTotals(totals);
  showTools();
}

function showCard({ id, label, status, right, doubt }) {
  const card = cards?.find(id);
  if (!card) return;
  Object.assign(card.dataset, { label, status });
  card.querySelector(".digit").textContent = label;
  card.querySelector(".state").textContent = capitalized(status);
  card.querySelector(".said").toggleAttribute("data-right", right);
  card.querySelector(".doubt").textContent = doubt;
}

function showGone(card) {
  if (!card) return;
  card.dataset.status = "gone";
  card.querySelector(".state").textContent = "Withdrawn";
}

function showTotals({ counts, people }) {
  for (const element of find("counts").querySelectorAll("[data-count]")) {
    element.textContent = counts[element.dataset.count];
  }
  // Of very many people the server tells the first only: who is missing may have drawings.
  const isWhole = Object.keys(people).length < Number(find("people").dataset.most);
  for (const person of find("people").querySelectorAll("[data-person]")) {
    const given = people[person.dataset.person] ?? (isWhole && "No drawings");
    if (given) person.querySelector(".given").textContent = given;
  }
}

function described(drawings) {
  const [{ status, label }] = drawings;
  const what = drawings.length === 1 ? `a drawing of ${named(label)}` : `${drawings.length} drawings`;
  return `${capitalized(status)}: ${what}`;
}

function numbered(n) {
  return n === 1 ? "1 drawing was" : `${n} drawings were`;
}

function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// Tools

function showTools() {
  if (!cards) return;
  const { label, person } = cards.current.dataset;
  for (const button of section.querySelectorAll("button[data-label]")) {
    button.setAttribute("aria-pressed", button.dataset.label === label);
  }
  find("approve-person").querySelector(".who").textContent = `person ${person}`;
}

function showUndo() {
  find("undo").setAttribute("aria-disabled", undone.isEmpty);
}

function tell(text) {
  find("told").textContent = text;
}

// null: nothing has failed.
function fail(error) {
  const reason = error instanceof Refused ? error.message : "The server is out of reach. Try again.";
  find("failed").textContent = error ? `Not done. ${reason}` : "";
}

// Wiring

async function look() {
  if (document.hidden) return;
  const before = line;
  try {
    const { new: number, totals } = await newDrawings(NEWS);
    connection("connected", "Connected");
    find("arrivals").hidden = number === 0;
    find("arrivals").textContent = `${number} new drawing${number === 1 ? "" : "s"}: show`;
    if (line === before) showTotals(totals); // or a change may have told newer ones
  } catch (error) {
    connection("lost", error instanceof Refused ? "Signed out" : "Server out of reach");
  }
}

function connection(state, text) {
  const badge = find("connection");
  badge.dataset.state = state;
  if (badge.textContent !== text) badge.textContent = text;
}

const KEYS = {
  a: () => decide("approved"),
  r: () => decide("rejected"),
  p: () => decideOnAll(cards.current.dataset.person, "approved"),
};

section.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const key = event.key.toLowerCase();
  if (key === "u") undo();
  else if (!cards) return;
  else if (key in KEYS) KEYS[key]();
  else if (/^[0-9]$/.test(key)) relabel(Number(key));
  else return;
  event.preventDefault();
});

addEventListener("keydown", (event) => {
  const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (!isUndo || event.target.closest("input, select")) return;
  event.preventDefault();
  undo();
});

section.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (button.id === "undo") undo();
  else if (button.id === "approve-person") KEYS.p();
  else if (button.dataset.status) decide(button.dataset.status);
  else if (button.dataset.label) relabel(Number(button.dataset.label));
});

find("people").addEventListener("click", ({ target }) => {
  const { decide: status } = target.dataset;
  if (status) decideOnAll(target.closest("[data-person]").dataset.person, status);
});

find("arrivals").addEventListener("click", () => location.reload());
cards?.addEventListener("move", showTools);
// Keys work at once, unless somebody is somewhere else already.
if (document.activeElement === document.body && !location.hash) cards?.current.focus({ preventScroll: true });
showTools();
showUndo();
look();
setInterval(look, LOOK_EVERY);
document.addEventListener("visibilitychange", look);

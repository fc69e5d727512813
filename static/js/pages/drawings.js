// The drawings page: keys and buttons moderate the current card, one request at a time.

import { Refused, changeDrawings, decideOnPerson, newDrawings } from "../server/api.js";
import { Cards } from "../parts/cards.js";
import { UndoStack } from "../lib/undo.js";
import { withArticle } from "../lib/words.js";

const LOOK_EVERY = 3000; // ms
const AT_ONCE = 1000; // changes of one request

const find = (id) => document.getElementById(id);
const section = find("moderation");
const { token, stack, changes: CHANGES, decide: DECIDE, news: NEWS } = section.dataset;
const cards = find("queue") && new Cards(find("queue"));
const undoable = new UndoStack("drawings", stack);
let line = Promise.resolve(); // the line of requests: each waits for the one before

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
  if (answer.drawings.length) say(`${described(answer.drawings)}.`);
}

function decideOnAll(person, status) {
  inLine(async () => {
    const answer = await decideOnPerson(DECIDE.replace(/\b0\b/, person), token, status);
    keep(answer);
    if (answer.drawings.length) say(`${described(answer.drawings)}, all by person ${person}.`);
    else say(`Nothing by person ${person} is pending.`);
    if (cards?.current.dataset.status !== "pending") next();
  });
}

function undo() {
  inLine(async () => {
    if (undoable.isEmpty) return say("There is nothing to undo.");
    const before = undoable.pop();
    showUndo();
    try {
      const changed = [];
      while (before.length) {
        const answer = await changeDrawings(CHANGES, token, before.slice(0, AT_ONCE));
        before.splice(0, AT_ONCE);
        show(answer);
        changed.push(...answer.drawings);
      }
      if (changed.length) say(`Undone. Now ${described(changed).toLowerCase()}.`);
      const card = changed.map(({ id }) => cards?.find(id)).find(Boolean);
      if (card) cards.go(card);
    } finally {
      if (before.length) undoable.push(before);
      showUndo();
    }
  });
}

function inLine(act) {
  line = line.then(act).then(() => fail(null), fail);
}

// The server's answers

function keep(answer) {
  if (answer.before.length) undoable.push(answer.before);
  showUndo();
  show(answer);
}

function show({ drawings, gone, totals }) {
  for (const drawing of drawings) showCard(drawing);
  for (const id of gone) showGone(cards?.find(id));
  if (gone.length) say(`${numbered(gone.length)} withdrawn or deleted in the meantime.`);
  showTotals(totals);
  showTools();
}

function showCard({ id, label, status, right, doubt }) {
  const card = cards?.find(id);
  if (!card) return;
  Object.assign(card.dataset, { label, status });
  card.querySelector(".digit").textContent = label;
  card.querySelector(".state").textContent = capitalized(status);
  card.querySelector(".predicted").toggleAttribute("data-right", right);
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
  // The server lists a limited number of people: one who is missing may still have drawings.
  const isWhole = Object.keys(people).length < Number(find("people").dataset.most);
  for (const person of find("people").querySelectorAll("[data-person]")) {
    const numbers = people[person.dataset.person] ?? (isWhole && "No drawings");
    if (numbers) person.querySelector(".numbers").textContent = numbers;
  }
}

function described(drawings) {
  const [{ status, label }] = drawings;
  const what = drawings.length === 1 ? `a drawing of ${withArticle(label)}` : `${drawings.length} drawings`;
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
  find("undo").setAttribute("aria-disabled", undoable.isEmpty);
}

function say(text) {
  find("outcome").textContent = text;
}

// error: null if nothing failed
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
    if (line === before) showTotals(totals); // or an answer to a change may be newer
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
// Make the keys work at once, unless something else has the focus.
if (document.activeElement === document.body && !location.hash) cards?.current.focus({ preventScroll: true });
showTools();
showUndo();
look();
setInterval(look, LOOK_EVERY);
document.addEventListener("visibilitychange", look);

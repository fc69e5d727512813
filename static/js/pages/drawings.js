// The drawings page: keys and buttons moderate the current card, one request at a time. What another
// presenter decides shows at once.

import { Refused, approveUnflagged, changeDrawings, decideOnPerson, newsOfDrawings, reasonOf } from "../server/api.js";
import { Feed } from "../server/feed.js";
import { Cards } from "../parts/cards.js";
import { badge, signedOut } from "../parts/connection.js";
import { described, seen, showGone, showState } from "../parts/drawing_card.js";
import { UndoStack } from "../lib/undo.js";
import { n, t } from "../lib/language.js";
import { withNumber } from "../lib/address.js";

const AT_ONCE = 1000; // changes of one request
const SESSION_OVER = ["csrf", "not_signed_in", "signed_out"];

const find = (id) => document.getElementById(id);
const section = find("moderation");
const { token, stack, newest, changes: CHANGES, decide: DECIDE, approve: APPROVE, news: NEWS } = section.dataset;
const cards = find("queue") && new Cards(find("queue"));
const undoable = new UndoStack("drawings", stack);
const feed = new Feed();
let line = Promise.resolve(); // the line of requests: each waits for the one before
let willLook = false; // a look stands in the line

// Actions

function decide(status) {
  const card = cards.current;
  if (card.dataset.status === "gone") return next();
  card.dataset.busy = "";
  next();
  inLine(async () => {
    try {
      await change(card, { status });
    } finally {
      delete card.dataset.busy;
    }
  });
}

function relabel(label) {
  const card = cards.current;
  if (card.dataset.status !== "gone") inLine(() => change(card, { label }));
}

function next() {
  const card = cards.nextPending();
  if (card) cards.go(card);
}

async function change(card, fields) {
  const answer = await changeDrawings(CHANGES, token, [{ id: Number(card.dataset.id), seen: seen(card), ...fields }]);
  keep(answer);
  if (answer.overtaken.length) throw new Refused(t("Another presenter was faster. {what}.", { what: described(answer.drawings) }));
  if (answer.drawings.length) say(t("{what}.", { what: described(answer.drawings) }));
}

function decideOnAll(person, status) {
  inLine(async () => {
    const answer = await decideOnPerson(withNumber(DECIDE, person), token, status);
    keep(answer);
    if (answer.drawings.length) say(t("{what}, all by person {person}.", { what: described(answer.drawings), person }));
    else say(t("Nothing by person {person} is pending.", { person }));
    leaveDecided();
  });
}

function approveAllUnflagged() {
  inLine(async () => {
    const answer = await approveUnflagged(APPROVE, token, Number(newest));
    keep(answer);
    if (answer.drawings.length) say(t("{what}, none of them flagged.", { what: described(answer.drawings) }));
    else say(t("All that are left are flagged."));
    leaveDecided();
  });
}

// Go on to what is still pending.
function leaveDecided() {
  if (cards && cards.current.dataset.status !== "pending") next();
}

function undo() {
  inLine(async () => {
    if (undoable.isEmpty) return say(t("There is nothing to undo."));
    const before = undoable.pop();
    showUndo();
    try {
      const [changed, overtaken] = await takeBack(before);
      if (changed.length) say(t("Undone. Now {what}.", { what: described(changed).toLowerCase() }));
      const card = changed.map(({ id }) => cards?.find(id)).find(Boolean);
      if (card) cards.go(card);
      if (overtaken) throw new Refused(staying(overtaken));
    } finally {
      if (before.length) undoable.push(before);
      showUndo();
    }
  });
}

function staying(number) {
  return n(
    "{count} drawing was changed by another presenter since, and stays so.",
    "{count} drawings were changed by another presenter since, and stays so.",
    number,
  );
}

// Send these changes, and take each from the list once it is done: what has changed, and how many
// stay because another presenter has changed them.
async function takeBack(before) {
  const changed = [];
  let overtaken = 0;
  while (before.length) {
    const answer = await changeDrawings(CHANGES, token, before.slice(0, AT_ONCE));
    before.splice(0, AT_ONCE);
    show(answer);
    changed.push(...answer.drawings.filter(({ id }) => !answer.overtaken.includes(id)));
    overtaken += answer.overtaken.length;
  }
  return [changed, overtaken];
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

// Returns the drawings that differ from what the page showed.
function show({ drawings, gone, totals }) {
  const news = drawings.filter((drawing) => cards?.find(drawing.id) && showState(cards.find(drawing.id), drawing));
  const left = gone.map((id) => cards?.find(id)).filter((card) => card && card.dataset.status !== "gone");
  left.forEach(showGone);
  if (left.length) say(withdrawn(left.length));
  showTotals(totals);
  showTools();
  return news;
}

function withdrawn(number) {
  return n(
    "{count} drawing was withdrawn or deleted in the meantime.",
    "{count} drawings were withdrawn or deleted in the meantime.",
    number,
  );
}

function showTotals({ counts, people }) {
  for (const element of find("counts").querySelectorAll("[data-count]")) {
    element.textContent = counts[element.dataset.count];
  }
  // The server lists a limited number of people: one who is missing may still have drawings.
  const isWhole = Object.keys(people).length < Number(find("people").dataset.most);
  for (const person of find("people").querySelectorAll("[data-person]")) {
    const numbers = people[person.dataset.person] ?? (isWhole && t("No drawings"));
    if (numbers) person.querySelector(".numbers").textContent = numbers;
  }
}

// Tools

function showTools() {
  if (!cards) return;
  const { label, person } = cards.current.dataset;
  for (const button of section.querySelectorAll("button[data-label]")) {
    button.setAttribute("aria-pressed", button.dataset.label === label);
  }
  find("approve-person").querySelector(".who").textContent = t("Approve all by person {person}", { person });
}

function showUndo() {
  find("undo").setAttribute("aria-disabled", undoable.isEmpty);
}

function say(text) {
  find("outcome").textContent = text;
}

// error: null if nothing failed
function fail(error) {
  if (SESSION_OVER.includes(error?.code)) return location.reload(); // by way of the sign-in page
  const advice = t("Try again.");
  find("failed").textContent = error ? t("Not done. {reason}", { reason: reasonOf(error, advice) }) : "";
}

// Changes by others

// In the line, so that an answer to a change of one's own is never taken for another's change.
function look() {
  if (willLook) return;
  willLook = true;
  // The badge tells by itself when the server is out of reach.
  line = line.then(lookNow).catch(({ code }) => SESSION_OVER.includes(code) && signedOut());
}

async function lookNow() {
  willLook = false;
  const answer = await newsOfDrawings(NEWS, cards?.ids ?? []);
  const news = show(answer);
  if (news.length) say(t("By another presenter: {what}.", { what: described(news).toLowerCase() }));
  showArrivals(answer.new);
}

function showArrivals(number) {
  find("arrivals").classList.toggle("none", number === 0);
  find("arrivals").textContent = n("{count} new: show it", "{count} new: show them", number);
}

// Wiring

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

find("approve-unflagged")?.addEventListener("click", approveAllUnflagged);
find("arrivals").addEventListener("click", () => location.reload());
cards?.addEventListener("move", showTools);
// Make the keys work at once, unless something else has the focus.
if (document.activeElement === document.body && !location.hash) cards?.current.focus({ preventScroll: true });
showTools();
showUndo();
badge(feed);
feed.addEventListener("moderated", look);
feed.follow(section.dataset.events);

// The card of one drawing: what it shows, and the words for it.

import { withArticle } from "../lib/words.js";

// What the presenter sees of the drawing, as the server wants to know it with a decision.
export function seen(card) {
  return { status: card.dataset.status, label: Number(card.dataset.label) };
}

// Show the server's state of the drawing; returns whether that is news.
export function showState(card, { label, status, right, doubt }) {
  const before = seen(card);
  Object.assign(card.dataset, { label, status });
  card.querySelector(".digit").textContent = label;
  card.querySelector(".state").textContent = capitalized(status);
  card.querySelector(".predicted").toggleAttribute("data-right", right);
  card.querySelector(".doubt").textContent = doubt;
  return before.status !== status || before.label !== label;
}

export function showGone(card) {
  card.dataset.status = "gone";
  card.querySelector(".state").textContent = "Withdrawn";
}

// "Approved: a drawing of a 3", "Approved: 12 drawings".
export function described(drawings) {
  const [{ status, label }] = drawings;
  const what = drawings.length === 1 ? `a drawing of ${withArticle(label)}` : `${drawings.length} drawings`;
  return `${capitalized(status)}: ${what}`;
}

// "1 drawing was", "3 drawings were".
export function numbered(n) {
  return n === 1 ? "1 drawing was" : `${n} drawings were`;
}

function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

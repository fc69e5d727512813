// The card of one drawing: what it shows, and the words for it.

import { n, t } from "../lib/language.js";

const STATUSES = { pending: t("Pending"), approved: t("Approved"), rejected: t("Rejected") };

// What the presenter sees of the drawing, as the server wants to know it with a decision.
export function seen(card) {
  return { status: card.dataset.status, label: Number(card.dataset.label) };
}

// Show the server's state of the drawing; returns whether that is news.
export function showState(card, { label, status, right, doubt }) {
  const before = seen(card);
  Object.assign(card.dataset, { label, status });
  card.querySelector(".digit").textContent = label;
  card.querySelector(".state").textContent = STATUSES[status];
  card.querySelector(".predicted").toggleAttribute("data-right", right);
  card.querySelector(".doubt").textContent = doubt;
  return before.status !== status || before.label !== label;
}

export function showGone(card) {
  card.dataset.status = "gone";
  card.querySelector(".state").textContent = t("Withdrawn");
}

// "Approved: a drawing of a 3", "Approved: 12 drawings".
export function described(drawings) {
  const [{ status, label }] = drawings;
  const what = drawings.length === 1 ? ofDigit(label) : n("{count} drawing", "{count} drawings", drawings.length);
  return t("{status}: {drawings}", { status: STATUSES[status], drawings: what });
}

function ofDigit(digit) {
  return digit === 8 ? t("a drawing of an 8") : t("a drawing of a {digit}", { digit });
}

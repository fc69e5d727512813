// The part of the JSON API with which the presenter reviews drawings.

import { ask } from "./api.js";

// Changes status and label of drawings: {before, drawings, gone, overtaken, totals}.
// changes: [{id, seen: {status, label}, status, label}, ...], without status or label where that
// stays; seen: what the presenter saw. What looks otherwise by now is overtaken, and stays.
export function changeDrawings(path, token, changes) {
  return postJson(path, token, { changes });
}

// Gives all pending drawings of a person this status: an answer like that of changeDrawings.
export function decideOnPerson(path, token, status) {
  return postJson(path, token, { status });
}

// Approves what fits the address's filters and is not flagged, up to this number: an answer like
// that of changeDrawings.
export function approveUnflagged(path, token, newest) {
  return postJson(path, token, { newest });
}

// What has become of the drawings with these numbers, and how many new ones there are that the
// page does not show: {new, drawings, gone, totals}.
export function newsOfDrawings(path, numbers) {
  return ask(`${path}&shown=${numbers.join(",")}`, { cache: "no-store" });
}

function postJson(path, token, fields) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  return ask(path, { method: "POST", body: JSON.stringify(fields), headers });
}

// The server's JSON API. Nothing else on the page calls fetch.

const TIMEOUT = 8000; // ms until a silent server counts as out of reach

// The server refused the request: the message is a sentence for people, the code is for programs.
// Every other failure, including the server's own errors, may be temporary: try again.
export class Refused extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

// The answer of POST /api/predict to a PNG.
export function predictPicture(blob) {
  return post("/api/predict", blob, "image/png");
}

// The answer of POST /api/predict to 64 intensities, 0..16, row by row.
export function predictPixels(pixels) {
  return post("/api/predict", JSON.stringify({ pixels: rows(pixels) }), "application/json");
}

// The answer of POST /api/drawings: keeps a drawing, a PNG or 64 intensities.
// fields: {label, key, device, consent}
export function sendDrawing(drawing, fields) {
  if (!(drawing instanceof Blob)) {
    const body = JSON.stringify({ pixels: rows(drawing), ...fields });
    return post("/api/drawings", body, "application/json");
  }
  const form = new FormData();
  form.append("image", drawing, "drawing.png");
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return ask("/api/drawings", { method: "POST", body: form });
}

// How many drawings of this device are kept: {given, limit, known}. device: its random number,
// or null; the server uses it where there is no cookie.
export function keptDrawings(device) {
  return ask(mine(device), { cache: "no-store" });
}

// Removes all drawings of this device: {withdrawn}.
export function withdrawDrawings(device) {
  return ask(mine(device), { method: "DELETE" });
}

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

// Resolves when the server is there.
export function ping() {
  return ask("/healthz");
}

// A part of a page, rendered by the server, as a document fragment.
export async function partOfPage(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT) });
  if (response.status >= 500) throw new Error(`The server failed: ${response.status}`);
  if (!response.ok || response.redirected) throw new Refused("This part of the page no longer exists.", "no_such_part");
  return document.createRange().createContextualFragment(await response.text());
}

function mine(device) {
  return `/api/drawings/mine${device ? `?device=${device}` : ""}`;
}

function postJson(path, token, fields) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  return ask(path, { method: "POST", body: JSON.stringify(fields), headers });
}

function post(path, body, type) {
  return ask(path, { method: "POST", body, headers: { "Content-Type": type } });
}

async function ask(path, options) {
  const response = await fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT) });
  if (response.status >= 500) throw new Error(`The server failed: ${response.status}`);
  if (response.redirected) throw new Refused("You are signed out. Load the page again.", "signed_out");
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Refused(answer.error.message, answer.error.code);
}

function rows(pixels) {
  return Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
}

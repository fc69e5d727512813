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
// or null; the server uses it where there is no cookie. With details, also what they are and what
// the live network reads: {drawings: [{id, label, digit, verdict}, ...]}, newest first.
export function keptDrawings(device, details = false) {
  return ask(mine("", device, details && { details }), { cache: "no-store" });
}

// Corrects the label of a kept drawing: {given, limit}.
export function correctDrawing(number, label, device) {
  const headers = { "Content-Type": "application/json" };
  return ask(mine(`/${number}`, device), { method: "PATCH", body: JSON.stringify({ label }), headers });
}

// Removes one drawing: {given, limit}.
export function withdrawDrawing(number, device) {
  return ask(mine(`/${number}`, device), { method: "DELETE" });
}

// Removes all drawings of this device: {withdrawn}.
export function withdrawDrawings(device) {
  return ask(mine("", device), { method: "DELETE" });
}

// The address of the picture of a kept drawing.
export function pictureOfMine(number, device) {
  return mine(`/${number}.png`, device);
}

// Adds a round of the game to the room's score: {right, played}, of all.
export function countRound(right) {
  return post("/api/game", JSON.stringify({ right }), "application/json");
}

// Changes status and label of drawings, all or none: {before, drawings, gone, totals}.
// changes: [{id, status, label}, ...], without status or label where that stays
export function changeDrawings(path, token, changes) {
  return postJson(path, token, { changes });
}

// Gives all pending drawings of a person this status: an answer like that of changeDrawings.
export function decideOnPerson(path, token, status) {
  return postJson(path, token, { status });
}

// How many new drawings there are that the page does not show yet: {new, totals}.
export function newDrawings(path) {
  return ask(path, { cache: "no-store" });
}

// Resolves when the server is there: {version}, the number of the live one.
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

function mine(rest, device, fields) {
  const query = String(new URLSearchParams({ ...(device && { device }), ...fields }));
  return `/api/drawings/mine${rest}${query && `?${query}`}`;
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

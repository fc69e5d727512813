// The server's JSON API. Nothing else on the page calls fetch.

import { t } from "../lib/language.js";

// Where Inkling is mounted: "/", or a path like "/ink/" behind a proxy.
export const ROOT = new URL("../../../", import.meta.url).pathname;
const TIMEOUT = 8000; // ms until a silent server counts as out of reach

// The server refused the request: the message is a sentence for people, the code is for programs.
export class Refused extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

// There was no answer, or none of the server's own: it may be there later. Every other failure is
// a fault of the page.
export class OutOfReach extends Error {}

// What to say of a fault of the page. Its details are for developers, on the console.
export function faultOf(error) {
  console.error(error);
  return new Refused(t("This page has a fault. Load it again."), "page_fault");
}

// What to say of a request that failed; advice: what to say when the server is out of reach.
export function reasonOf(error, advice) {
  if (error instanceof OutOfReach) return t("The server is out of reach. {advice}", { advice });
  return (error instanceof Refused ? error : faultOf(error)).message;
}

// The answer of POST /api/predict to a picture file, a Blob or the promise of it.
export async function predictPicture(picture) {
  const blob = await picture;
  return post(`${ROOT}api/predict`, blob, blob.type);
}

// The answer of POST /api/predict to 64 intensities, 0..16, row by row.
export function predictPixels(pixels) {
  return post(`${ROOT}api/predict`, JSON.stringify({ pixels: rows(pixels) }), "application/json");
}

// The answer of POST /api/drawings: keeps a drawing, a PNG or 64 intensities.
// fields: {label, key, device, consent}
export function sendDrawing(drawing, fields) {
  if (!(drawing instanceof Blob)) {
    const body = JSON.stringify({ pixels: rows(drawing), ...fields });
    return post(`${ROOT}api/drawings`, body, "application/json");
  }
  const form = new FormData();
  form.append("image", drawing, "drawing.png");
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return ask(`${ROOT}api/drawings`, { method: "POST", body: form });
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
  return post(`${ROOT}api/game`, JSON.stringify({ right }), "application/json");
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

// The answer of POST /api/inside/`path`, for the pages that explain the network.
// fields: {pixels, version, ...}; pixels, if there are any: 64 intensities, row by row.
export function askInside(path, { pixels, ...fields }) {
  const body = JSON.stringify(pixels ? { pixels: rows(pixels), ...fields } : fields);
  return post(`${ROOT}api/inside/${path}`, body, "application/json");
}

// Resolves when the server is there: {version}, the number of the live one.
export function ping() {
  return ask(`${ROOT}healthz`);
}

// A part of a page, rendered by the server, as a document fragment.
export async function partOfPage(path) {
  const response = await reach(path, {});
  if (!response.ok || response.redirected) throw new Refused(t("This part of the page no longer exists."), "no_such_part");
  return document.createRange().createContextualFragment(await orOutOfReach(response.text()));
}

function mine(rest, device, fields) {
  const query = String(new URLSearchParams({ ...(device && { device }), ...fields }));
  return `${ROOT}api/drawings/mine${rest}${query && `?${query}`}`;
}

function postJson(path, token, fields) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  return ask(path, { method: "POST", body: JSON.stringify(fields), headers });
}

function post(path, body, type) {
  return ask(path, { method: "POST", body, headers: { "Content-Type": type } });
}

async function ask(path, options) {
  const response = await reach(path, options);
  if (response.redirected) throw new Refused(t("You are signed out. Load the page again."), "signed_out");
  const answer = await orOutOfReach(response.json());
  if (response.ok) return answer;
  throw new Refused(answer.error.message, answer.error.code);
}

async function reach(path, options) {
  const response = await orOutOfReach(fetch(path, { ...options, signal: deadline() }));
  if (response.status >= 500) throw new OutOfReach(`The server failed: ${response.status}`);
  return response;
}

async function orOutOfReach(promise) {
  try {
    return await promise;
  } catch (error) {
    throw new OutOfReach(error.message);
  }
}

// AbortSignal.timeout is missing in Safari before 16 and Chrome before 103.
function deadline() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), TIMEOUT);
  return controller.signal;
}

function rows(pixels) {
  return Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
}

// The server's JSON API: what every page may ask. Nothing else on the page calls fetch.

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

// Adds a round of the game to the room's score: {right, played}, of all.
export function countRound(right) {
  return post(`${ROOT}api/game`, JSON.stringify({ right }), "application/json");
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

function post(path, body, type) {
  return ask(path, { method: "POST", body, headers: { "Content-Type": type } });
}

// The JSON answer to a request; Refused or OutOfReach if there is none.
export async function ask(path, options) {
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

// 64 intensities as the server takes them: 8 rows of 8.
export function rows(pixels) {
  return Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
}

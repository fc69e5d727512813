// The server's JSON API. Nothing else on the page calls fetch.

const TIMEOUT = 8000; // ms until a silent server counts as out of reach

// The server refused what it got: the message is a sentence for people. Any other failure,
// the server's own ones too, may pass, and is worth another try.
export class Refused extends Error {}

// The answer of POST /api/predict to a PNG.
export function predictPicture(blob) {
  return post("/api/predict", blob, "image/png");
}

// The answer of POST /api/predict to 64 intensities, 0..16, row by row.
export function predictPixels(pixels) {
  const rows = Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
  return post("/api/predict", JSON.stringify({ pixels: rows }), "application/json");
}

// Resolves when the server is there.
export function ping() {
  return answerOf(fetch("/healthz", { signal: AbortSignal.timeout(TIMEOUT) }));
}

// A part of a page that the server writes, as nodes to put somewhere.
export async function partOfPage(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok) throw new Error(`No such part: ${response.status}`);
  return document.createRange().createContextualFragment(await response.text());
}

function post(path, body, type) {
  const headers = { "Content-Type": type };
  const signal = AbortSignal.timeout(TIMEOUT);
  return answerOf(fetch(path, { method: "POST", body, headers, signal }));
}

async function answerOf(request) {
  const response = await request;
  if (response.status >= 500) throw new Error(`The server failed: ${response.status}`);
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Refused(answer.error.message);
}

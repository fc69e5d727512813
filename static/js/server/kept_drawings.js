// The part of the JSON API that keeps drawings of this device.

import { ROOT, ask, rows } from "./api.js";

// The answer of POST /api/drawings: keeps a drawing, a PNG or 64 intensities.
// fields: {label, key, device, consent}
export function sendDrawing(drawing, fields) {
  if (!(drawing instanceof Blob)) {
    const body = JSON.stringify({ pixels: rows(drawing), ...fields });
    const headers = { "Content-Type": "application/json" };
    return ask(`${ROOT}api/drawings`, { method: "POST", body, headers });
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

function mine(rest, device, fields) {
  const query = String(new URLSearchParams({ ...(device && { device }), ...fields }));
  return `${ROOT}api/drawings/mine${rest}${query && `?${query}`}`;
}

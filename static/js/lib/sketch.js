// What is on the pad and in the grid, remembered over reloads of the page and forgotten with the
// tab. A photo is not remembered.

import { recall, remember } from "./stored.js";

const [AREA, NAME] = ["sessionStorage", "inkling sketch"];

export function rememberSketch({ key, strokes, pixels }) {
  remember(AREA, NAME, JSON.stringify({ key, strokes, pixels }));
}

// {key, strokes, pixels}, or null if there is none.
export function recallSketch() {
  return JSON.parse(recall(AREA, NAME) ?? "null");
}

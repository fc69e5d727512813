// What is on the pad and in the grid, remembered over reloads of the page and forgotten with the
// tab.

import { blobOf, textOf } from "./data_url.js";
import { forget, recall, remember } from "./stored.js";

const AREA = "sessionStorage";
const [NAME, PHOTO] = ["inkling sketch", "inkling photo"];

export async function rememberSketch({ key, strokes, photo, pixels }) {
  remember(AREA, NAME, JSON.stringify({ key, strokes, pixels }));
  forget(AREA, PHOTO);
  if (photo) remember(AREA, PHOTO, JSON.stringify({ key, file: await textOf(photo.file) }));
}

// The promise of {key, strokes, pixels}, and of photo if there is one; of null if there is
// nothing.
export async function recallSketch() {
  const sketch = JSON.parse(recall(AREA, NAME) ?? "null");
  const kept = JSON.parse(recall(AREA, PHOTO) ?? "null");
  if (!sketch || kept?.key !== sketch.key) return sketch; // the photo is of another moment
  const file = blobOf(kept.file);
  return { ...sketch, photo: { file, image: await createImageBitmap(file) } };
}

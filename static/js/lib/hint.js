// How to draw so that the network can read it.

import { t } from "./language.js";

const SMALL = 90; // units of the pad, whose side is 280
const GAP = 20; // of empty paper between two digits

// strokes: [{pen, points: [[x, y], ...]}, ...]. A sentence, or "" if the drawing seems fine.
export function hint(strokes) {
  if (!strokes.length) return "";
  const points = strokes.flatMap((stroke) => stroke.points);
  if (Math.max(extent(points, 0), extent(points, 1)) < SMALL) return t("Draw it larger.");
  return hasGap(strokes) ? t("Draw one digit at a time.") : "";
}

function extent(points, axis) {
  const values = points.map((point) => point[axis]);
  return Math.max(...values) - Math.min(...values);
}

// Whether a column of empty paper parts the strokes into left and right.
function hasGap(strokes) {
  const spans = strokes.map(({ points, pen }) => {
    const across = points.map(([x]) => x);
    return [Math.min(...across) - pen / 2, Math.max(...across) + pen / 2];
  });
  spans.sort(([a], [b]) => a - b);
  let right = spans[0][1];
  for (const [from, to] of spans) {
    if (from - right > GAP) return true;
    right = Math.max(right, to);
  }
  return false;
}

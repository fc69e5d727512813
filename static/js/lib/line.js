// What a pen leaves on paper. A stroke is {pen, points: [[x, y], ...]}: the width of its pen and
// the way it went, in the same units.

const TOLERANCE = 0.05; // how far the corners of a line may be from the smooth curve
const SHORTEST = 1; // of the straight lines that make a picture: shorter ones change nothing in it

// A smooth line through a stroke's points, as the corners of many short straight ones. The curve
// is quadratic between the middles of neighbouring points.
export function smooth(points) {
  const corners = [points[0]];
  for (let i = 1; i < points.length - 1; i++) {
    const [[x, y], [nextX, nextY]] = [points[i], points[i + 1]];
    bend(corners, points[i], [(x + nextX) / 2, (y + nextY) / 2]);
  }
  corners.push(points.at(-1));
  return corners;
}

function bend(corners, [cx, cy], [x1, y1]) {
  const [x0, y0] = corners.at(-1);
  const bulge = Math.hypot(x0 - 2 * cx + x1, y0 - 2 * cy + y1) / 4;
  const steps = Math.max(1, Math.ceil(Math.sqrt(bulge / TOLERANCE)));
  for (let i = 1; i <= steps; i++) {
    const [t, u] = [i / steps, 1 - i / steps];
    corners.push([u * u * x0 + 2 * u * t * cx + t * t * x1, u * u * y0 + 2 * u * t * cy + t * t * y1]);
  }
}

// The strokes as a picture of side x side greys, 0 ink to 255 paper, row by row. It needs no
// canvas: some browsers return noise or white when a page reads one.
export function greys(strokes, side) {
  const paper = new Uint8Array(side * side).fill(255);
  for (const { pen, points } of strokes) {
    let [from, ...corners] = smooth(points); // of a tap two at one place: a dot
    corners.forEach((to, i) => {
      const isShort = Math.hypot(to[0] - from[0], to[1] - from[1]) < SHORTEST;
      if (isShort && i < corners.length - 1) return;
      ink(paper, side, from, to, pen / 2);
      from = to;
    });
  }
  return paper;
}

// One straight line with round ends: a pixel is as dark as the share of it within the radius, in
// steps of 17. Such a picture makes a file a quarter smaller, and 8x8 as alike as before.
function ink(paper, side, [ax, ay], [bx, by], radius) {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy || 1;
  const [inner, outer] = [(radius - 0.5) ** 2, (radius + 0.5) ** 2];
  const within = (value) => Math.min(side, Math.max(0, Math.floor(value)));
  const [left, right] = [within(Math.min(ax, bx) - radius), within(Math.max(ax, bx) + radius + 1)];
  const [top, bottom] = [within(Math.min(ay, by) - radius), within(Math.max(ay, by) + radius + 1)];
  for (let row = top; row < bottom; row++) {
    const y = row + 0.5 - ay;
    for (let column = left; column < right; column++) {
      const i = row * side + column;
      if (paper[i] === 0) continue;
      const x = column + 0.5 - ax;
      const t = Math.min(1, Math.max(0, (x * dx + y * dy) / length2)); // of the nearest point
      const distance2 = (x - t * dx) ** 2 + (y - t * dy) ** 2;
      if (distance2 >= outer) continue;
      const grey = distance2 <= inner ? 0 : 17 * Math.round(15 * (Math.sqrt(distance2) - radius + 0.5));
      if (grey < paper[i]) paper[i] = grey;
    }
  }
}

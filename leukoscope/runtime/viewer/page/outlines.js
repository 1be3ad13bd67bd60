/** Outlines of a mask (grey 0 background, 128 cytoplasm, 255 nucleus) as smooth closed lines in pixels of the picture. */

const CELL_FROM = 64;
const NUCLEUS_FROM = 192;
const SMOOTHING = 3;
/** In half pixels: the four crossings of a square's edges, and which two a line joins, by which corners are inside. */
const TOP = [1, 0];
const RIGHT = [2, 1];
const BOTTOM = [1, 2];
const LEFT = [0, 1];
const LINES = [
  [], [[LEFT, TOP]], [[TOP, RIGHT]], [[LEFT, RIGHT]],
  [[RIGHT, BOTTOM]], [[LEFT, TOP], [RIGHT, BOTTOM]], [[TOP, BOTTOM]], [[LEFT, BOTTOM]],
  [[BOTTOM, LEFT]], [[BOTTOM, TOP]], [[TOP, RIGHT], [BOTTOM, LEFT]], [[BOTTOM, RIGHT]],
  [[RIGHT, LEFT]], [[RIGHT, TOP]], [[TOP, LEFT]], [],
];

/** Paths of the cells and of their nuclei. */
export function outlinesOf(mask) {
  const { width, height } = mask;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(mask, 0, 0);
  const levels = context.getImageData(0, 0, width, height).data;
  const path = (from) => pathOf(closedLines(edgesOf(levels, width, height, from)), 2 * (width + 1));
  return { cell: path(CELL_FROM), nucleus: path(NUCLEUS_FROM) };
}

/** From each crossing the next one, both as numbers on a grid of half pixels that begins one pixel outside. */
function edgesOf(levels, width, height, from) {
  const next = new Map();
  const pitch = 2 * (width + 1);
  const inside = (x, y) => (x >= 0 && y >= 0 && x < width && y < height && levels[4 * (y * width + x)] >= from ? 1 : 0);
  for (let y = -1; y < height; y += 1) {
    let left = 0;
    let leftBelow = 0;
    for (let x = -1; x < width; x += 1) {
      const right = inside(x + 1, y);
      const rightBelow = inside(x + 1, y + 1);
      const corners = left | (right << 1) | (rightBelow << 2) | (leftBelow << 3);
      for (const [a, b] of LINES[corners]) {
        next.set((2 * y + 2 + a[1]) * pitch + 2 * x + 2 + a[0], (2 * y + 2 + b[1]) * pitch + 2 * x + 2 + b[0]);
      }
      [left, leftBelow] = [right, rightBelow];
    }
  }
  return next;
}

function closedLines(next) {
  const lines = [];
  while (next.size > 0) {
    const line = [];
    for (let at = next.keys().next().value; next.has(at);) {
      line.push(at);
      const to = next.get(at);
      next.delete(at);
      at = to;
    }
    lines.push(line);
  }
  return lines;
}

function pathOf(lines, pitch) {
  const path = new Path2D();
  for (const line of lines) {
    const points = line.map((at) => [(at % pitch) / 2 - 0.5, Math.floor(at / pitch) / 2 - 0.5]);
    smooth(points).forEach(([x, y], k) => (k === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
    path.closePath();
  }
  return path;
}

/** Each point becomes the mean of its neighbours on the line: takes the steps out. */
function smooth(points) {
  const count = points.length;
  if (count < 4 * SMOOTHING) return points;
  return points.map((_, k) => {
    let [x, y] = [0, 0];
    for (let by = -SMOOTHING; by <= SMOOTHING; by += 1) {
      const near = points[(k + by + count) % count];
      [x, y] = [x + near[0], y + near[1]];
    }
    return [x / (2 * SMOOTHING + 1), y / (2 * SMOOTHING + 1)];
  });
}

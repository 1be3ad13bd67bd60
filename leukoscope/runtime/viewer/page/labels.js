/** A label for each cell: over the middle of its box, under it where there is no room, moved down where one is already there. */

import { lookOf } from "./heat.js";
import { nameOf, share } from "./words.js";

const TEXT_PX = 12;
const PAD_PX = 4;
const HEIGHT_PX = TEXT_PX + 2 * PAD_PX - 2;
const FULL_FROM_PX = 900;

/** `place` [x, y, width, height] is where the picture lies, `ratio` screen pixels in one of the field's. */
export function drawLabels(context, cells, place, ratio) {
  context.font = `600 ${TEXT_PX}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textBaseline = "middle";
  const taken = [];
  for (const cell of cells) {
    const text = place[2] < FULL_FROM_PX ? nameOf("type", cell.type) : `${nameOf("type", cell.type)} ${share(cell.probability)}`;
    const width = Math.ceil(context.measureText(text).width) + 2 * PAD_PX;
    const spot = freeSpot(boxOn(cell, place, ratio), width, place, taken);
    taken.push([...spot, width, HEIGHT_PX]);
    drawLabel(context, text, spot, width);
  }
}

function drawLabel(context, text, [x, y], width) {
  const [red, green, blue] = lookOf().cell_line;
  context.fillStyle = `rgb(${red} ${green} ${blue})`;
  context.fillRect(x, y, width, HEIGHT_PX);
  context.fillStyle = "white";
  context.fillText(text, x + PAD_PX, y + HEIGHT_PX / 2 + 0.5);
}

function boxOn(cell, [left, top], ratio) {
  const [x, y, width, height] = cell.box_px.map((side) => side * ratio);
  return [left + x, top + y, width, height];
}

function freeSpot([x, y, width, height], labelWidth, [left, top, wide, high], taken) {
  const at = Math.round(Math.max(left, Math.min(x + (width - labelWidth) / 2, left + wide - labelWidth)));
  const lowest = top + high - HEIGHT_PX;
  const free = (row) => row >= top && row <= lowest && !taken.some((other) => meet([at, row, labelWidth, HEIGHT_PX], other));
  const over = Math.round(y - HEIGHT_PX - 2);
  const rows = [over, Math.round(y + height + 2)];
  for (let row = Math.max(over, Math.ceil(top)); row <= lowest; row += HEIGHT_PX + 1) rows.push(row);
  return [at, rows.find(free) ?? Math.max(top, Math.min(over, lowest))];
}

function meet(one, other) {
  return one[0] < other[0] + other[2] && other[0] < one[0] + one[2] && one[1] < other[1] + other[3] && other[1] < one[1] + one[3];
}

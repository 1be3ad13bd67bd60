/** What was found in the field that is shown: stage, flags, cells. */

import { byId, make, put } from "./elements.js";
import { nameOf, number, say, share } from "./words.js";

export function showField(field) {
  showVote(field);
  showBars(field);
  showFlags(field.flags);
  showCells(field.cells);
  byId("picture").setAttribute("aria-label", say("picture_words", {
    number: field.number, stage: stageWord(field), cells: field.cells.length,
  }));
}

export function stageWord(field) {
  return field.stage === null ? say("no_stage") : nameOf("stage", field.stage);
}

function showVote(field) {
  put(byId("stage"), stageWord(field));
  put(byId("probability"), field.stage === null ? "" : share(field.probability));
  put(byId("who"), whoVoted(field));
}

function whoVoted(field) {
  if (field.stage === null) return say("no_stage_network");
  const voter = nameOf("voter", field.voter);
  if (field.head_stage === field.stage) return say("voted_by", { voter });
  return say("head_says", { voter, stage: nameOf("stage", field.head_stage) });
}

/** The rows stay; only lengths and figures change. */
function showBars(field) {
  const names = Object.keys(field.probabilities);
  const rows = byId("bars");
  if (rows.dataset.names !== names.join()) {
    rows.replaceChildren(...names.map(barRow));
    rows.dataset.names = names.join();
  }
  names.forEach((name, k) => {
    const row = rows.rows[k];
    const probability = field.probabilities[name];
    row.classList.toggle("voted", name === field.stage);
    row.querySelector(".length").style.width = `${100 * (probability ?? 0)}%`;
    put(row.cells[2], share(probability));
  });
}

function barRow(name) {
  const bar = make("div", { className: "bar" }, make("div", { className: "length" }));
  bar.setAttribute("aria-hidden", "true");
  return make("tr", {},
    make("th", { scope: "row" }, nameOf("stage", name)), make("td", {}, bar), make("td", { className: "figure" }));
}

function showFlags(flags) {
  const words = flags.map((flag) => nameOf("flag", flag)).join(", ");
  put(byId("flags"), words || say("no_flags"));
  byId("flags").classList.toggle("raised", flags.length > 0);
}

function showCells(cells) {
  put(byId("cells-number"), number(cells.length));
  const items = cells.map((cell) => make("li", { className: cell.new ? "" : "seen" },
    make("span", {}, nameOf("type", cell.type)),
    make("span", { className: "faint" }, cell.new ? "" : say("cell_seen")),
    make("span", { className: "figure" }, share(cell.probability))));
  byId("cells").replaceChildren(...(items.length ? items : [make("li", { className: "faint" }, say("no_cells"))]));
}

/** Counts before and after review, side by side. */

import { byId, make, put } from "./elements.js";
import { nameOf, number, say } from "./words.js";

const NOT_WHITE = "other";

export function showTotals(summary) {
  byId("totals-rows").replaceChildren(...rowsOf(summary).map(row));
  put(byId("reviewers"), summary.reviews === 0 ? say("nobody") : say("reviewed_by", {
    n: number(summary.reviews), reviewers: summary.reviewers.join(", "),
  }));
}

function rowsOf({ stages, types, unclassified, before, after }) {
  const pair = (read) => [read(before), read(after)];
  const white = [...types.filter((name) => name !== NOT_WHITE), unclassified];
  return [
    ...stages.map((name) => [say("count_stage", { name: nameOf("stage", name) }), ...pair((counts) => counts.stages[name] ?? 0)]),
    [say("count_flagged"), ...pair((counts) => counts.flagged)],
    [say("count_rejected"), ...pair((counts) => counts.rejected)],
    ...white.map((name) => [nameOf("type", name), ...pair((counts) => counts.cells[name] ?? 0)]),
    [say("count_nucleated_others"), ...pair((counts) => counts.nucleated_others)],
    [say("count_rejected_cells"), ...pair((counts) => counts.rejected_cells)],
  ];
}

function row([name, before, after]) {
  const changed = after - before;
  const words = changed === 0 ? "" : say(changed > 0 ? "more_by" : "less_by", { n: number(Math.abs(changed)) });
  return make("tr", { className: changed === 0 ? "" : "changed" },
    make("th", { scope: "row" }, name),
    ...[number(before), number(after), words].map((text) => make("td", { className: "figure" }, text)));
}

/** What the run has come to: ages, frames, counts. Places stay the same from field to field. */

import { byId, make, put } from "./elements.js";
import { age, familyOf, nameOf, number, say, slug } from "./words.js";

export function showRun(state) {
  put(byId("slide"), state.run.slide || say("no_slide"));
  put(byId("frame-age"), state.age.n === 0 ? say("unknown") : say("ages", {
    median: age(state.age.median_ms), p95: age(state.age.p95_ms),
  }));
  showFrames(state.counts);
  showCounts(state.counts);
}

function showFrames({ captured, drops }) {
  const causes = Object.entries(drops).sort((one, other) => other[1] - one[1]);
  put(byId("captured"), number(captured));
  put(byId("dropped"), number(causes.reduce((sum, [, count]) => sum + count, 0)));
  put(byId("drops"), causes.map(([cause, n]) => say("of_which", { n: number(n), cause: nameOf("drop", cause) })).join(", "));
}

function showCounts(counts) {
  tally(byId("stage-counts"), [[say("fields_total"), counts.fields], ...counted("stage", counts.stages)]);
  tally(byId("cell-counts"), [[say("white_cells"), counts.white_cells], ...counted("type", counts.cells)]);
  put(byId("heading"), counts.heading);
}

/** All names that the catalogue has, in its order, with their counts; then those that it has not. */
function counted(family, counts) {
  const known = familyOf(family);
  const by = new Map(Object.entries(counts).map(([name, count]) => [slug(name), [name, count]]));
  const others = [...by.keys()].filter((name) => !known.includes(name));
  return [...known, ...others].map((name) => {
    const [raw, count] = by.get(name) ?? [name, 0];
    return [nameOf(family, raw), count];
  });
}

function tally(list, pairs) {
  const names = pairs.map(([name]) => name).join();
  if (list.dataset.names !== names) {
    list.replaceChildren(...pairs.map(([name]) => make("div", {}, make("dt", {}, name), make("dd", { className: "figure" }))));
    list.dataset.names = names;
  }
  pairs.forEach(([, count], k) => {
    const row = list.children[k];
    row.classList.toggle("zero", count === 0);
    put(row.lastElementChild, number(count));
  });
}

/** What is reviewed: cells by type, fields by stage. The rest of the review is the same for both. */

import { nameOf, say, share } from "./words.js";

const REJECTED = "rejected";

export const CELLS = {
  name: "cells",
  family: "type",
  names: (summary) => summary.types,
  groups: (summary) => [...summary.types, summary.unclassified, REJECTED],
  page: (group) => `/review/cells?type=${encodeURIComponent(group)}`,
  machineName: (item) => item.type,
  picture: (item) => `/review/cell/${item.field}/${item.cell}.jpg`,
  large: (item) => `/review/cell/${item.field}/${item.cell}.jpg`,
  title: (item) => say("cell_name", item),
  withoutReview: (item) => item.type,
};

export const FIELDS = {
  name: "fields",
  family: "stage",
  names: (summary) => summary.stages,
  groups: (summary) => [...summary.stages, "flagged", REJECTED, ...(summary.groups.fields.none ? ["none"] : [])],
  page: (group) => `/review/fields?stage=${encodeURIComponent(group)}`,
  machineName: (item) => item.stage,
  picture: (item) => `/review/field/${item.field}.jpg`,
  large: (item) => `/review/field/${item.field}${item.large ? "/large" : ""}.jpg`,
  title: (item) => say("field_cells", { field: item.field, n: item.cells }),
  withoutReview: (item) => (item.flags.length > 0 ? null : item.stage),
};

/** How many items a gallery has. */
export function countOf(kind, summary, group) {
  return summary.groups[kind.name][group] ?? 0;
}

export function groupName(kind, group) {
  const own = say(`group_${group}`);
  return own === `group_${group}` ? nameOf(kind.family, group) : own;
}

/** The machine's answer: it is shown whatever people say. */
export function machineWords(kind, item) {
  const name = kind.machineName(item);
  if (name === null) return say("no_stage");
  return say("judged", { name: nameOf(kind.family, name), probability: share(item.probability) });
}

/** Whether only rejected fields show a cell: it counts nowhere, whatever is said of it. */
export function isGone(kind, item) {
  return kind === CELLS && (item.gone === true || (item.review === null && item.new_type === null));
}

export function reviewWords(kind, item) {
  if (item.review === null) return say(isGone(kind, item) ? "gone_with_field" : "not_reviewed");
  const { verdict, reviewer, value } = item.review;
  return say(`said_${verdict}`, { reviewer, value: value === null ? "" : nameOf(kind.family, value) });
}

export function itemWords(kind, item) {
  return say("item_words", { item: kind.title(item), machine: machineWords(kind, item), reviewer: reviewWords(kind, item) });
}

export function flagWords(item) {
  return (item.flags ?? []).map((flag) => nameOf("flag", flag)).join(", ");
}


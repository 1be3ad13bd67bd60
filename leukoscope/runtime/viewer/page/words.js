/** The catalogue: every word that is shown, by key, and how numbers are written in its language. */

let catalogue = {};
const MINUTE_S = 60;
const HOUR_S = 3600;

export async function readWords() {
  const answer = await fetch("words.json");
  catalogue = await answer.json();
  document.documentElement.lang = say("language");
}

/** The word or sentence, `{name}` filled in; the key itself where the catalogue lacks it. */
export function say(key, values = {}) {
  const text = catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** What a name of the machine's (a stage, a flag) is called here; the raw name where nobody has named it. */
export function nameOf(family, raw) {
  return catalogue[`${family}_${slug(raw)}`] ?? raw;
}

/** Names of a family, as `slug` writes them, in the catalogue's order: the order in which they are shown. */
export function familyOf(family) {
  const start = `${family}_`;
  return Object.keys(catalogue).filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
}

export function slug(raw) {
  return raw.replaceAll(" ", "_");
}

/** Fills in every element that carries a key: its text, and what a screen reader calls it. */
export function fillIn(root) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
}

/** A probability in two decimals, as the overlays write it, but never rounded up to a certainty. */
export function share(value) {
  if (value === null || value === undefined) return say("unknown");
  return number(value < 1 ? Math.min(value, 0.99) : 1, 2);
}

export function number(value, decimals = 0) {
  const how = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(say("language"), how).format(value);
}

export function percent(value) {
  return say("percent", { n: number(value * 100) });
}

/** A frame age: milliseconds, from a second on seconds. */
export function age(value) {
  if (value === null) return say("unknown");
  if (value < 1000) return say("milliseconds", { n: number(value) });
  return say("seconds", { n: number(value / 1000, 1) });
}

/** A span of time in its greatest whole unit. */
export function span(elapsedMs) {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000));
  if (seconds < MINUTE_S) return say("seconds", { n: number(seconds) });
  if (seconds < HOUR_S) return say("minutes", { n: number(Math.floor(seconds / MINUTE_S)) });
  return say("hours", { n: number(Math.floor(seconds / HOUR_S)) });
}

/** What the operator chooses to see on the field, and the legend that explains it. */

import { byId, put, putOptions } from "./elements.js";
import { drawScale, usualOpacity } from "./heat.js";
import { nameOf, number, percent, say } from "./words.js";

const VOTED = "";
const NONE = "none";
const STEP = 10;

export class OverlayTools {
  #chosen = false;

  /** `changed()` when another map is wanted, `wish(wishes)` when the same is drawn otherwise. */
  constructor(changed, wish) {
    [this.changed, this.wish] = [changed, wish];
    this.signed = false;
    byId("opacity").value = String(Math.round(usualOpacity() * 100));
    byId("outlines").addEventListener("click", () => this.toggleOutlines());
    byId("map").addEventListener("change", () => this.#chose());
    byId("map-class").addEventListener("change", () => this.changed());
    byId("opacity").addEventListener("input", () => this.#fade());
    putOptions(byId("map"), [[NONE, say("map_none")]]);
    putOptions(byId("map-class"), [[VOTED, say("class_voted")]]);
    this.#fade();
  }

  /** Offers what the field has; the first field's own method is chosen unless somebody has chosen. */
  offer(field) {
    putOptions(byId("map"), [[NONE, say("map_none")], ...field.methods.map((one) => [one, nameOf("map", one)])]);
    const family = field.map_network === "sg_cldff" ? "type" : "stage";
    const classes = field.classes.map((one) => [one, nameOf(family, one)]);
    putOptions(byId("map-class"), [[VOTED, say("class_voted")], ...classes]);
    if (!this.#chosen && field.method !== null) byId("map").value = field.method;
  }

  /** The map to fetch for a field; null for none. */
  choiceFor(field) {
    const method = byId("map").value;
    const className = byId("map-class").value || field.explained;
    return method === NONE || className === null ? null : { method, className };
  }

  toggleOutlines() {
    const on = byId("outlines").getAttribute("aria-pressed") !== "true";
    byId("outlines").setAttribute("aria-pressed", String(on));
    this.wish({ outlines: on });
  }

  nextMap() {
    next(byId("map"));
    this.#chose();
  }

  nextClass() {
    next(byId("map-class"));
    this.changed();
  }

  fade(by) {
    const slider = byId("opacity");
    slider.value = String(Number(slider.value) + by * STEP);
    this.#fade();
  }

  /** The legend of what is drawn now. */
  explain(field, choice, map) {
    this.signed = choice?.method === "trees";
    byId("legend").classList.toggle("without", map === null);
    byId("legend").classList.toggle("unmasked", !field.mask);
    put(byId("legend-low"), say(this.signed ? "legend_against" : "legend_zero"));
    put(byId("legend-high"), say(this.signed ? "legend_for" : "legend_high"));
    put(byId("legend-words"), legendWords(field, choice, map));
    drawScale(byId("ramp"), this.signed, this.#opacity());
  }

  #chose() {
    this.#chosen = true;
    this.changed();
  }

  #fade() {
    put(byId("opacity-now"), percent(this.#opacity()));
    drawScale(byId("ramp"), this.signed, this.#opacity());
    this.wish({ opacity: this.#opacity() });
  }

  #opacity() {
    return Number(byId("opacity").value) / 100;
  }
}

function next(select) {
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
}

function legendWords(field, choice, map) {
  if (choice === null) return say("legend_off");
  if (map === null) return say("legend_missing");
  const cells = field.map_network === "sg_cldff";
  const className = nameOf(cells ? "type" : "stage", choice.className);
  if (choice.method !== "trees") return gradcamWords(field, choice, className);
  if (map.sum === null || map.even_share === null) return say("legend_trees", { class: className });
  const sum = say(map.sum < 0 ? "less_by" : "more_by", { n: number(Math.abs(map.sum), 2) });
  return say("legend_sum", { class: className, sum, share: percent(map.even_share) });
}

/** Trees have no gradient: where the head votes otherwise, the legend says whose evidence this is. */
function gradcamWords(field, choice, className) {
  if (field.map_network === "sg_cldff") return say("legend_gradcam_cells", { class: className });
  const voted = choice.className === field.stage;
  if (!voted || field.head_stage === field.stage) return say("legend_gradcam", { class: className });
  return say("legend_gradcam_other", { class: className, head: nameOf("stage", field.head_stage) });
}

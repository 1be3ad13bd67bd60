/** The live page: the newest field with what was found in it. */

import { FieldCanvas } from "./canvas.js";
import { byId, put, speak } from "./elements.js";
import { showField, stageWord } from "./field_facts.js";
import { OverlayTools } from "./overlay_tools.js";
import { FieldPictures } from "./pictures.js";
import { showRun } from "./run_facts.js";
import { number, say, share, span } from "./words.js";

export class Live {
  #newest = null;
  #shownAt = null;
  #stage = null;

  constructor() {
    this.canvas = new FieldCanvas(byId("picture"));
    this.pictures = new FieldPictures((field, pictures) => this.#show(field, pictures));
    this.tools = new OverlayTools(() => this.#fetch(), (wishes) => this.canvas.wish(wishes));
    put(byId("waiting"), say("waiting"));
  }

  hear(state) {
    showRun(state);
    if (state.field === null) return;
    this.#shownAt = { number: state.field.number, at: performance.now() - state.field.since_ms };
    this.tick();
    if (this.#newest?.number === state.field.number) return;
    this.#newest = state.field;
    this.tools.offer(state.field);
    this.#fetch();
  }

  /** What grows by itself. */
  tick() {
    const seen = this.#shownAt;
    put(byId("last-field"), seen === null ? say("unknown") : say("ago_field", {
      number: number(seen.number), time: span(performance.now() - seen.at),
    }));
  }

  #fetch() {
    if (this.#newest !== null) this.pictures.want(this.#newest, this.tools.choiceFor(this.#newest));
  }

  #show(field, { picture, outlines, map, choice }) {
    this.canvas.set({
      picture, outlines, heat: map?.heat ?? null, cells: field.cells, field_px: field.size_px,
    });
    put(byId("waiting"), picture === null ? say("no_picture") : "");
    showField(field);
    this.tools.explain(field, choice, map);
    if (field.stage !== this.#stage) speak(say("spoken_stage", { stage: stageWord(field), probability: share(field.probability) }));
    this.#stage = field.stage;
  }
}

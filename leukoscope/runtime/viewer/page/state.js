/** The state of the run, asked for again and again: the newest only, so a slow page misses some and never lags. */

import { askJson } from "./server.js";

const PATIENCE_MS = 4000;
const AGAIN_MS = 700;
const AGAIN_CLOSED_MS = 5000;
const SILENCE_MS = 2500;
const REFUSED = 403;

/** `tell(news)` is called with each answer and each fault; `news`: `state`, `silent_ms`, `answered`, `refused`. */
export class Follower {
  #state = null;
  #heard = performance.now();
  #refused = false;
  #answered = true;

  constructor(tell) {
    this.tell = tell;
    this.closed = false;
  }

  async run() {
    for (;;) await this.#once();
  }

  /** How things stand at this moment; slow counts as silent before the question is given up. */
  news() {
    const silent = performance.now() - this.#heard;
    const answered = this.#answered && silent < SILENCE_MS;
    return { state: this.#state, answered, silent_ms: silent, refused: this.#refused, closed: this.closed };
  }

  async #once() {
    try {
      const after = this.#state === null ? "" : `?after=${this.#state.version}`;
      this.#state = await askJson(`/state${after}`, PATIENCE_MS);
      [this.#heard, this.#answered, this.#refused] = [performance.now(), true, false];
      this.tell(this.news());
    } catch (fault) {
      [this.#answered, this.#refused] = [false, fault.status === REFUSED];
      this.tell(this.news());
      await new Promise((go) => setTimeout(go, this.closed ? AGAIN_CLOSED_MS : AGAIN_MS));
    }
  }
}

/** One word for how the run stands: the gravest thing first. */
export function standingOf({ state, answered, closed }) {
  if (closed) return "closed";
  if (!answered) return state?.run.state === "failed" ? "failed" : "unanswered";
  if (state === null) return "connecting";
  if (state.run.state !== "running" && state.run.state !== "paused") return state.run.state;
  if (state.source.state === "lost") return "lost";
  if (state.run.state === "paused") return "paused";
  return state.source.state === "ended" ? "ending" : state.source.state;
}

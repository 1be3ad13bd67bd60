/** Pause, snapshot, end, close. */

import { askIn, byId, put } from "./elements.js";
import { post } from "./server.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

const OVER = ["ending", "ended", "failed"];

export class Controls {
  #state = null;
  #closed = false;

  /** `closing()` when the program has been told to end. */
  constructor(closing) {
    this.closing = closing;
    byId("pause").addEventListener("click", () => this.pause());
    byId("snapshot").addEventListener("click", () => this.snapshot());
    byId("end").addEventListener("click", () => this.end());
    byId("close").addEventListener("click", () => this.close());
  }

  hear(state, answered) {
    this.#state = state;
    const over = OVER.includes(state.run.state);
    put(byId("pause"), say(state.run.state === "paused" ? "resume" : "pause"));
    byId("pause").disabled = byId("end").disabled = over || !answered;
    byId("snapshot").disabled = state.field === null || !answered;
    byId("close").hidden = state.run.state !== "ended" || this.#closed;
  }

  async pause() {
    if (!byId("pause").disabled) await act(this.#state?.run.state === "paused" ? "resume" : "pause");
  }

  async snapshot() {
    if (byId("snapshot").disabled) return;
    const kept = await act("snapshot");
    if (kept) toast(say("snapshot_kept", { path: kept.path }), { url: kept.url });
  }

  async end() {
    if (byId("end").disabled || byId("end-dialog").open) return;
    if ((await askIn(byId("end-dialog"))) === "yes") await act("end");
  }

  async close() {
    if ((await askIn(byId("close-dialog"))) !== "yes" || !(await act("close"))) return;
    this.#closed = true;
    byId("close").hidden = true;
    this.closing();
  }
}

/** The program's answer; null where it refused, which is said. */
async function act(action) {
  try {
    return await post("/control", { action });
  } catch (fault) {
    toast(fault.message, { grave: true });
    return null;
  }
}

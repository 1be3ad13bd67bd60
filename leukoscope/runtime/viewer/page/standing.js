/** How the run and its source stand, and the large tile over the picture when nothing comes. */

import { byId, put, speak } from "./elements.js";
import { standingOf } from "./state.js";
import { say, span } from "./words.js";

const TILES = { lost: "offline", unanswered: "offline_unanswered", closed: "offline_closed", failed: "offline_failed" };

export class Standing {
  #last = null;

  show(news) {
    const standing = standingOf(news);
    const chip = byId("standing");
    chip.dataset.standing = standing;
    put(chip, say(`standing_${standing}`));
    if (this.#last !== null && this.#last !== standing) speak(say("spoken_standing", { standing: chip.textContent }));
    this.#last = standing;
    byId("paused").hidden = standing !== "paused";
    this.#showTile(standing, news);
    return standing;
  }

  #showTile(standing, news) {
    const shown = standing in TILES;
    byId("offline").hidden = !shown;
    byId("window").classList.toggle("stale", shown);
    if (!shown) return;
    put(byId("offline-word"), say(TILES[standing]));
    put(byId("offline-why"), why(standing, news));
    put(byId("offline-since"), standing === "closed" || standing === "failed" ? "" : say("for_time", { time: span(this.#silent(standing, news)) }));
  }

  #silent(standing, { state, silent_ms }) {
    return standing === "lost" ? state.source.since_ms + silent_ms : silent_ms;
  }
}

function why(standing, { state, refused }) {
  if (standing === "lost") return state.source.detail;
  if (standing === "failed") return say("failed", { message: state.run.message ?? "" });
  if (standing === "closed") return say("why_closed");
  return say(refused ? "why_key" : "why_unanswered");
}

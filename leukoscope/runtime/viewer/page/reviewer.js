/** Who reviews: initials, asked once and kept while the browser's tab is open. */

import { askIn, byId, make, put } from "./elements.js";
import { say } from "./words.js";

const KEPT = "leukoscope reviewer";

export class Reviewer {
  constructor() {
    fillPad();
    byId("reviewer").addEventListener("click", () => this.ask());
    this.#show();
  }

  /** Null where nobody has signed in. */
  get initials() {
    return sessionStorage.getItem(KEPT);
  }

  /** The initials, asked for where they are not known; null where somebody only looks. */
  async known() {
    return this.initials ?? this.ask();
  }

  async ask() {
    if (byId("initials-dialog").open) return null;
    byId("initials").value = this.initials ?? "";
    const answer = await askIn(byId("initials-dialog"));
    const given = byId("initials").value.trim();
    if (answer === "yes" && given !== "") sessionStorage.setItem(KEPT, given);
    this.#show();
    return this.initials;
  }

  #show() {
    byId("reviewer").toggleAttribute("data-signed", this.initials !== null);
    put(byId("reviewer"), this.initials === null ? say("initials_none") : say("initials_button", { reviewer: this.initials }));
  }
}

/** Letters to tap, for a screen without a keyboard. */
function fillPad() {
  const field = byId("initials");
  const key = (text, change) => {
    const button = make("button", { type: "button" }, text);
    button.addEventListener("click", () => { field.value = change(field.value).slice(0, field.maxLength); });
    return button;
  };
  const back = key(say("initials_back"), (old) => old.slice(0, -1));
  back.setAttribute("aria-label", say("initials_back_label"));
  byId("pad").append(...[...say("initials_letters")].map((letter) => key(letter, (old) => old + letter)), back);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    byId("initials-dialog").close("yes");
  });
}

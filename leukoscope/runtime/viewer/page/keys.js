/** Keys of one letter. They can be turned off, for those whose speech or hands would press them by mistake. */

import { byId, make } from "./elements.js";
import { say } from "./words.js";

const KEPT = "leukoscope single keys";
const TYPED_INTO = "input:not([type=range]):not([type=checkbox]), select, textarea";
const SHUT = "dialog:not([open])";
const PRESSED_BY_ENTER = "button, a, summary, input, select";

/** `anywhere`, `live`, `review`: what each key's name (`key_NAME` of the catalogue) does; `pageOf()` which page is shown. */
export class Keys {
  constructor({ anywhere, live, review }, pageOf, chooseBy, enlarged) {
    Object.assign(this, { anywhere, live, review, pageOf, chooseBy, enlarged });
    byId("single-keys").checked = sessionStorage.getItem(KEPT) !== "off";
    byId("single-keys").addEventListener("change", (event) => sessionStorage.setItem(KEPT, event.target.checked ? "on" : "off"));
    byId("help").addEventListener("click", () => this.help());
    byId("help-tables").append(...this.#tables());
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  help() {
    byId("help-dialog").showModal();
  }

  #pressed(event) {
    const elsewhere = document.querySelector("dialog[open]") !== null && !this.enlarged();
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || elsewhere || isTyping(event.target)) return;
    if (this.pageOf() === "review" && this.#pressedInReview(event)) return event.preventDefault();
    if (!byId("single-keys").checked || this.enlarged()) return undefined;
    const name = named({ ...this.anywhere, ...this[this.pageOf()] }, event.key);
    if (name === undefined) return undefined;
    event.preventDefault();
    return (this.anywhere[name] ?? this[this.pageOf()][name])();
  }

  /** Whether it was a key of the gallery. */
  #pressedInReview(event) {
    if (event.key === "Enter") return !event.target.matches(PRESSED_BY_ENTER) && this.#does("accept");
    if (event.key === "Delete") return this.#does("reject");
    if (!byId("single-keys").checked) return false;
    const name = named(this.review, event.key);
    return name === undefined ? this.chooseBy(event.key) : this.#does(name);
  }

  #does(name) {
    this.review[name]();
    return true;
  }

  #tables() {
    const own = (names) => Object.keys(names).filter((name) => name !== "accept").map((name) => [say(`key_${name}`), say(`does_${name}`)]);
    const choices = say("keys_choices");
    return [
      table("keys_anywhere", own(this.anywhere)),
      table("keys_live", own(this.live)),
      table("keys_review", [
        [say("key_name_arrows"), say("does_move")],
        [`${choices[0]} … ${choices[8]}`, say("does_choose")],
        [say("key_name_Enter"), say("does_accept")],
        [say("key_name_Delete"), say("does_reject")],
        ...own(this.review),
      ]),
    ];
  }
}

/** For a moment a field still has the focus in a dialog that has just been shut: nothing is typed there. */
function isTyping(element) {
  return element.matches(TYPED_INTO) && element.closest(SHUT) === null;
}

function named(names, key) {
  return Object.keys(names).find((name) => say(`key_${name}`) === key);
}

function table(heading, rows) {
  return make("table", {}, make("caption", {}, say(heading)), make("tbody", {}, ...rows.map(([key, does]) =>
    make("tr", {}, make("th", { scope: "row" }, make("kbd", {}, key)), make("td", {}, does)))));
}

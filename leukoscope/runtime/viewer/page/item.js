/** The chosen item with both answers, and the buttons that judge it. */

import { byId, make, put } from "./elements.js";
import { flagWords, machineWords, reviewWords } from "./kinds.js";
import { nameOf, say } from "./words.js";

export class ItemPanel {
  /** `judge(verdict, value)` when a button is pressed, `enlarge()` when the picture is. */
  constructor(judge, enlarge) {
    this.judge = judge;
    for (const verdict of ["accept", "reject", "withdraw"]) {
      byId(verdict).addEventListener("click", () => judge(verdict, null));
      byId(verdict).append(make("span", {}, say(`verdict_${verdict}`)), keyCap(keyOf(verdict)));
    }
    byId("enlarge").addEventListener("click", enlarge);
  }

  /** Types or stages, each with its key. */
  offer(kind, names) {
    this.keys = new Map([...say("keys_choices")].slice(0, names.length).map((key, k) => [key, names[k]]));
    const buttons = [...this.keys].map(([key, name]) => {
      const button = make("button", { type: "button" }, make("span", {}, nameOf(kind.family, name)), keyCap(key));
      button.dataset.name = name;
      button.addEventListener("click", () => this.judge(kind.family, name));
      return button;
    });
    byId("choices").replaceChildren(...buttons);
  }

  show(kind, item) {
    byId("item").classList.toggle("none", item === null);
    for (const button of byId("item").querySelectorAll("button")) button.disabled = item === null;
    put(byId("item-name"), item === null ? say("nothing_chosen") : kind.title(item));
    put(byId("item-flags"), item === null ? "" : flagWords(item));
    put(byId("item-machine"), item === null ? "" : machineWords(kind, item));
    put(byId("item-reviewer"), item === null ? "" : reviewWords(kind, item));
    if (item === null) byId("item-picture").removeAttribute("src");
    else if (byId("item-picture").getAttribute("src") !== kind.picture(item)) byId("item-picture").src = kind.picture(item);
    if (item !== null) mark(kind, item);
  }
}

/** Which buttons say what holds now. */
function mark(kind, item) {
  const now = item[`new_${kind.family}`];
  for (const button of byId("choices").children) {
    button.classList.toggle("now", button.dataset.name === now);
    button.setAttribute("aria-pressed", String(button.dataset.name === now));
  }
  byId("accept").setAttribute("aria-pressed", String(item.review?.verdict === "accept"));
  byId("reject").setAttribute("aria-pressed", String(item.review?.verdict === "reject"));
  byId("withdraw").disabled = item.review === null;
}

function keyOf(verdict) {
  return verdict === "accept" ? say("key_name_Enter") : say(`key_${verdict}`);
}

function keyCap(key) {
  return make("kbd", {}, key);
}

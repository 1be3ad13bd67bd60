/** The tabs of the review: a group of cells or fields each, with how many there are now. */

import { byId, make, put } from "./elements.js";
import { countOf, groupName } from "./kinds.js";
import { number, say } from "./words.js";

export class Groups {
  chosen = null;

  /** `choose(group)` when a tab is chosen, also when it is chosen again. */
  constructor(choose) {
    [this.choose, this.list] = [choose, byId("groups")];
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.list.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Tabs are made once for a kind; then only their numbers change. */
  show(kind, summary) {
    const groups = kind.groups(summary);
    if (this.list.dataset.groups !== groups.join()) {
      this.list.replaceChildren(...groups.map(tab));
      this.list.dataset.groups = groups.join();
      this.chosen = null;
    }
    groups.forEach((group, k) => {
      const count = countOf(kind, summary, group);
      const one = this.list.children[k];
      put(one, say("group_count", { group: groupName(kind, group), n: number(count) }));
      one.classList.toggle("zero", count === 0);
    });
    return groups;
  }

  mark(group) {
    this.chosen = group;
    for (const one of this.list.children) {
      const on = one.dataset.group === group;
      one.setAttribute("aria-selected", String(on));
      one.tabIndex = on ? 0 : -1;
      if (!on) continue;
      byId("shelf").setAttribute("aria-labelledby", one.id);
      one.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  #clicked(event) {
    const one = event.target.closest("[role=tab]");
    if (one) this.choose(one.dataset.group);
  }

  #pressed(event) {
    const tabs = [...this.list.children];
    const at = tabs.findIndex((one) => one.dataset.group === this.chosen);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const one = tabs[(to + tabs.length) % tabs.length];
    one.focus();
    this.choose(one.dataset.group);
  }
}

function tab(group, k) {
  const one = make("button", { type: "button", id: `group-${k}`, tabIndex: -1 });
  one.setAttribute("role", "tab");
  one.setAttribute("aria-controls", "shelf");
  one.dataset.group = group;
  return one;
}

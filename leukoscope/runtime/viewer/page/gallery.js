/** A listbox of pictures: one is active, and arrows, touch or the mouse choose which. */

import { byId, make, put } from "./elements.js";
import { flagWords, itemWords, machineWords, reviewWords } from "./kinds.js";
import { say } from "./words.js";

export class Gallery {
  items = [];
  active = -1;

  /** `chosen()` when another item is active. */
  constructor(chosen) {
    [this.chosen, this.list] = [chosen, byId("gallery")];
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.list.addEventListener("keydown", (event) => this.#pressed(event));
  }

  get item() {
    return this.items[this.active] ?? null;
  }

  /** Other items altogether. */
  fill(kind, items) {
    this.kind = kind;
    this.items = [];
    this.active = -1;
    this.list.className = `gallery of-${kind.name}`;
    this.list.replaceChildren();
    this.list.parentElement.scrollTop = 0;
    this.append(items);
    this.#activate(items.length > 0 ? 0 : -1);
  }

  append(items) {
    const from = this.items.length;
    this.items.push(...items);
    this.list.append(...items.map((item, k) => this.#tile(item, from + k)));
    if (this.active < 0 && items.length > 0) this.#activate(0);
  }

  /** The item of a field or cell as it is shown now; undefined where it is not. */
  find(kind, { field, cell }) {
    return kind === this.kind ? this.items.find((one) => one.field === field && (one.cell ?? null) === cell) : undefined;
  }

  /** An item has changed: its tile stays where it is. */
  renew(kind, item) {
    const index = this.items.indexOf(this.find(kind, { field: item.field, cell: item.cell ?? null }));
    if (index < 0) return;
    this.items[index] = item;
    this.list.children[index].replaceWith(this.#tile(item, index));
    if (index === this.active) this.#activate(index);
  }

  move(by) {
    const to = Math.max(0, Math.min(this.items.length - 1, this.active + by));
    if (this.items.length > 0) this.#activate(to);
  }

  #tile(item, index) {
    const tile = make("li", { id: `option-${index}`, role: "option" });
    tile.setAttribute("aria-selected", "false");
    tile.setAttribute("aria-label", [itemWords(this.kind, item), flagWords(item)].filter(Boolean).join(". "));
    tile.dataset.verdict = item.review?.verdict ?? "";
    tile.append(
      picture(this.kind.picture(item)),
      make("span", { className: "machine" }, machineWords(this.kind, item)),
      make("span", { className: item.review ? "said" : "flag-words" }, item.review ? reviewWords(this.kind, item) : flagWords(item)),
    );
    return tile;
  }

  #activate(index) {
    this.list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    this.active = index;
    const tile = this.list.children[index];
    if (tile) {
      tile.setAttribute("aria-selected", "true");
      this.list.setAttribute("aria-activedescendant", tile.id);
      tile.scrollIntoView({ block: "nearest" });
    } else this.list.removeAttribute("aria-activedescendant");
    this.chosen();
  }

  #clicked(event) {
    const tile = event.target.closest("[role=option]");
    if (tile) this.#activate([...this.list.children].indexOf(tile));
  }

  #pressed(event) {
    const by = this.#steps()[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.move(by);
  }

  #steps() {
    const columns = this.#columns();
    const all = this.items.length;
    return { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -all, End: all };
  }

  #columns() {
    const tiles = [...this.list.children];
    const below = tiles.findIndex((tile) => tile.offsetTop > tiles[0].offsetTop);
    return below < 0 ? Math.max(1, tiles.length) : below;
  }
}

/** Where there is none, words stand for it. */
function picture(address) {
  const image = make("img", { src: address, alt: "", loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.replaceWith(make("span", { className: "no-picture" }, say("no_item_picture"))));
  return image;
}

export function showEmpty(text) {
  put(byId("empty"), text ?? "");
  byId("empty").hidden = text === null;
}

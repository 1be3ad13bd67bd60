/** The chosen item as large as it is kept. */

import { byId, put } from "./elements.js";
import { flagWords, machineWords, reviewWords } from "./kinds.js";

export class LargeView {
  constructor(gallery) {
    this.gallery = gallery;
    byId("large-before").addEventListener("click", () => gallery.move(-1));
    byId("large-next").addEventListener("click", () => gallery.move(1));
    byId("large-dialog").addEventListener("keydown", (event) => this.#pressed(event));
  }

  get isOpen() {
    return byId("large-dialog").open;
  }

  open() {
    if (this.gallery.item === null || this.isOpen) return;
    byId("large-dialog").showModal();
    this.show();
  }

  show() {
    const { kind, item, active, items } = this.gallery;
    if (!this.isOpen || item === null) return;
    put(byId("large-title"), kind.title(item));
    put(byId("large-words"), [machineWords(kind, item), reviewWords(kind, item), flagWords(item)].filter(Boolean).join(" · "));
    const address = kind.large(item);
    if (byId("large-picture").getAttribute("src") !== address) byId("large-picture").src = address;
    byId("large-picture").className = kind.name;
    byId("large-before").disabled = active <= 0;
    byId("large-next").disabled = active >= items.length - 1;
  }

  #pressed(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined) this.gallery.move(by);
  }
}

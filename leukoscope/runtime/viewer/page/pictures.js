/** Fetches what is drawn of the newest field. One field at a time, to its end: a slow line sees fewer fields, but it sees some. */

import { colour } from "./heat.js";
import { outlinesOf } from "./outlines.js";
import { askPicture } from "./server.js";

const PATIENCE_MS = 5000;

export class FieldPictures {
  #wanted = null;
  #had = null;
  #running = false;

  /** `show(field, pictures)` gets `picture`, `outlines`, `map`; each null where it did not come. */
  constructor(show) {
    this.show = show;
  }

  /** `choice`: `method` and `className` of the map, or null for none. */
  want(field, choice) {
    if (this.#wanted?.field.number === field.number && same(this.#wanted.choice, choice)) return;
    this.#wanted = { field, choice };
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    while (this.#had?.wanted !== this.#wanted) {
      const wanted = this.#wanted;
      this.#had = { wanted, ...(await this.#fetch(wanted)) };
      this.show(wanted.field, this.#had);
    }
    this.#running = false;
  }

  async #fetch({ field, choice }) {
    const old = this.#had?.wanted.field.number === field.number ? this.#had : null;
    const address = `/field/${field.number}`;
    const [picture, outlines, map] = await Promise.all([
      old?.picture ?? bitmapOf(`${address}/picture.jpg`),
      old?.outlines ?? (field.mask ? fetchOutlines(`${address}/mask.png`) : null),
      choice === null ? null : fetchMap(address, choice),
    ]);
    return { picture, outlines, map, choice };
  }
}

async function bitmapOf(path) {
  return (await askPicture(path, PATIENCE_MS))?.bitmap ?? null;
}

async function fetchOutlines(path) {
  const mask = await bitmapOf(path);
  return mask === null ? null : outlinesOf(mask);
}

/** A map in colours; of the trees' its sum and the share that has no place. */
async function fetchMap(address, { method, className }) {
  const path = `${address}/heat/${method}/${encodeURIComponent(className)}.png`;
  const got = await askPicture(path, PATIENCE_MS);
  if (got === null) return null;
  const figure = (name) => (got.headers.has(name) ? Number(got.headers.get(name)) : null);
  const heat = colour(got.bitmap, method === "trees");
  return { heat, even_share: figure("X-Even-Share"), sum: figure("X-Sum") };
}

function same(one, other) {
  return one?.method === other?.method && one?.className === other?.className;
}

/** The review: a gallery by group, what the machine said and what people say, counts before and after. */

import { byId, speak } from "./elements.js";
import { Gallery, showEmpty } from "./gallery.js";
import { Groups } from "./groups.js";
import { ItemPanel } from "./item.js";
import { CELLS, FIELDS, countOf, isGone, reviewWords } from "./kinds.js";
import { LargeView } from "./large.js";
import { Reviewer } from "./reviewer.js";
import { askJson, post } from "./server.js";
import { toast } from "./toast.js";
import { showTotals } from "./totals.js";
import { say } from "./words.js";

const REFRESH_MS = 3000;

export class Review {
  #kind = CELLS;
  #summary = null;
  #more = null;
  #asked = 0;
  #fields = null;
  #refreshedAt = 0;
  #writing = Promise.resolve();

  constructor() {
    this.reviewer = new Reviewer();
    this.gallery = new Gallery(() => this.#chosen());
    this.groups = new Groups((group) => this.#load(group));
    this.panel = new ItemPanel((verdict, value) => this.judge(verdict, value), () => this.large.open());
    this.large = new LargeView(this.gallery);
    for (const kind of [CELLS, FIELDS]) byId(`kind-${kind.name}`).addEventListener("click", () => this.#choose(kind));
    byId("kind-counts").addEventListener("click", () => this.#press("counts"));
    byId("more").addEventListener("click", () => this.#loadMore());
  }

  /** The page is turned to. */
  async open(reviewable) {
    this.panel.show(this.#kind, this.gallery.item);
    if (!reviewable) return showEmpty(say("no_journal"));
    await this.#refresh();
    if (this.#summary === null) return;
    await this.#choose(this.#kind);
    if (this.reviewer.initials === null) await this.reviewer.ask();
    byId("gallery").focus();
  }

  /** More has been judged meanwhile: numbers follow, the gallery stays as it is until its tab is chosen. */
  async hear(state) {
    if (this.#fields === state.counts.fields || performance.now() - this.#refreshedAt < REFRESH_MS) return;
    this.#fields = state.counts.fields;
    await this.#refresh();
    const group = this.groups.chosen;
    if (group !== null && this.gallery.items.length === 0 && countOf(this.#kind, this.#summary, group) > 0) await this.#load(group);
  }

  /** A review of the item that is chosen now. They are written one after the other, however fast the keys are. */
  async judge(verdict, value) {
    const { kind, item } = this.gallery;
    if (item === null) return;
    const reviewer = await this.reviewer.known();
    if (reviewer === null) return;
    this.#writing = this.#writing.then(() => this.#write(kind, item, { reviewer, verdict, value }));
  }

  /** The type or stage of a key. */
  chooseBy(key) {
    const name = this.panel.keys?.get(key);
    if (name === undefined) return false;
    this.judge(this.#kind.family, name);
    return true;
  }

  async #write(kind, item, { reviewer, verdict, value }) {
    const subject = { field: item.field, cell: item.cell ?? null };
    const old = this.gallery.find(kind, subject) ?? item;
    if (verdict === "withdraw" && old.review === null) return;
    try {
      const { review } = await post("/review", { reviewer, ...subject, verdict, value });
      this.#say(kind, after(kind, old, verdict === "withdraw" ? null : review));
    } catch (fault) {
      toast(fault.message, { grave: true });
    }
  }

  #say(kind, item) {
    this.gallery.renew(kind, item);
    const title = kind.title(item);
    speak(item.review === null ? say("spoken_withdrawn", { item: title }) : say("spoken_verdict", { item: title, said: reviewWords(kind, item) }));
    this.#refresh();
  }

  async #refresh() {
    this.#refreshedAt = performance.now();
    try {
      this.#summary = await askJson("/review/summary");
    } catch (fault) {
      return showEmpty(fault.message);
    }
    this.groups.show(this.#kind, this.#summary);
    if (this.groups.chosen !== null) this.groups.mark(this.groups.chosen);
    return showTotals(this.#summary);
  }

  async #choose(kind) {
    if (this.#summary === null) return;
    this.#kind = kind;
    this.#press(kind.name);
    const groups = this.groups.show(kind, this.#summary);
    this.panel.offer(kind, kind.names(this.#summary));
    const kept = groups.includes(this.groups.chosen) ? this.groups.chosen : null;
    await this.#load(kept ?? groups.find((group) => countOf(kind, this.#summary, group) > 0) ?? groups[0]);
  }

  #press(name) {
    for (const one of ["cells", "fields", "counts"]) byId(`kind-${one}`).setAttribute("aria-pressed", String(one === name));
    byId("review").dataset.kind = name;
  }

  async #load(group) {
    this.groups.mark(group);
    this.#more = null;
    const items = await this.#page(this.#kind.page(group));
    if (items === null) return;
    this.gallery.fill(this.#kind, items);
    showEmpty(items.length === 0 ? say("empty") : null);
  }

  async #loadMore() {
    const page = this.#kind.page(this.groups.chosen);
    const items = await this.#page(`${page}&after=${this.#more}`);
    if (items !== null) this.gallery.append(items);
  }

  /** Items of a page; null where another was asked for meanwhile, or where none came, which is said. */
  async #page(path) {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const { items, more } = await askJson(path);
      if (asked !== this.#asked) return null;
      this.#more = more;
      byId("more").hidden = more === null;
      return items;
    } catch (fault) {
      if (asked === this.#asked) toast(say("gone_wrong", { error: fault.message }), { grave: true });
      return null;
    }
  }

  #chosen() {
    this.panel.show(this.#kind, this.gallery.item);
    this.large.show();
  }
}

/** The item with another review, or none. */
function after(kind, item, review) {
  const gone = isGone(kind, item);
  const machine = kind.machineName(item);
  const now = { accept: machine, reject: null }[review?.verdict];
  const name = review === null ? kind.withoutReview(item) : now === undefined ? review.value : now;
  return { ...item, gone, review, [`new_${kind.family}`]: gone ? null : name };
}

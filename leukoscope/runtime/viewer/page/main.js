/** Puts the parts together: one follower of the run, two pages, the keys. */

import { Controls } from "./controls.js";
import { byId } from "./elements.js";
import { readLook } from "./heat.js";
import { Keys } from "./keys.js";
import { Live } from "./live.js";
import { Review } from "./review.js";
import { Standing } from "./standing.js";
import { Follower } from "./state.js";
import { prepareToast } from "./toast.js";
import { fillIn, readWords } from "./words.js";

const TICK_MS = 500;
const ENDED = "ended";

async function begin() {
  await Promise.all([readWords(), readLook()]);
  fillIn(document);
  prepareToast();
  new Page().begin();
  document.documentElement.dataset.ready = "";
}

class Page {
  #reviewable = null;
  #ended = false;

  constructor() {
    this.standing = new Standing();
    this.live = new Live();
    this.review = new Review();
    this.follower = new Follower((news) => this.#hear(news));
    this.controls = new Controls(() => { this.follower.closed = true; });
    this.keys = new Keys(this.#keyNames(), pageOf, (key) => this.review.chooseBy(key), () => this.review.large.isOpen);
  }

  begin() {
    document.querySelector(".skip").addEventListener("click", skip);
    window.addEventListener("hashchange", () => this.#turn());
    this.#turn();
    setInterval(() => this.#tick(), TICK_MS);
    this.follower.run();
  }

  #hear(news) {
    this.standing.show(news);
    if (news.state === null) return;
    this.controls.hear(news.state, news.answered);
    if (!news.answered) return;
    this.live.hear(news.state);
    this.#learn(news.state.run);
    if (pageOf() === "review" && this.#reviewable) this.review.hear(news.state);
  }

  /** The end of the slide turns to the review. */
  #learn(run) {
    const first = this.#reviewable === null;
    this.#reviewable = run.reviewable;
    if (run.state === ENDED && !this.#ended) {
      this.#ended = true;
      if (run.reviewable && pageOf() !== "review") location.hash = "review";
      else if (run.reviewable) this.#turn();
    } else if (first) this.#turn();
  }

  #turn() {
    const page = pageOf();
    for (const one of ["live", "review"]) {
      byId(one).hidden = one !== page;
      if (one === page) byId(`to-${one}`).setAttribute("aria-current", "page");
      else byId(`to-${one}`).removeAttribute("aria-current");
    }
    if (page === "review" && this.#reviewable !== null) this.review.open(this.#reviewable);
  }

  #tick() {
    const news = this.follower.news();
    this.standing.show(news);
    if (news.state !== null) this.controls.hear(news.state, news.answered);
    this.live.tick();
  }

  #keyNames() {
    const { controls, review } = this;
    const tools = this.live.tools;
    return {
      anywhere: {
        help: () => this.keys.help(),
        live: () => { location.hash = "live"; },
        review: () => { location.hash = "review"; },
      },
      live: {
        pause: () => controls.pause(),
        snapshot: () => controls.snapshot(),
        end: () => controls.end(),
        outlines: () => tools.toggleOutlines(),
        map: () => tools.nextMap(),
        map_class: () => tools.nextClass(),
        less: () => tools.fade(-1),
        greater: () => tools.fade(1),
      },
      review: {
        accept: () => review.judge("accept", null),
        reject: () => review.judge("reject", null),
        withdraw: () => review.judge("withdraw", null),
        enlarge: () => review.large.open(),
      },
    };
  }
}

function pageOf() {
  return location.hash === "#review" ? "review" : "live";
}

/** Without a change of the address, which says what page it is. */
function skip(event) {
  event.preventDefault();
  byId("main").focus();
}

begin();

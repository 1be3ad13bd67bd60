/** A line that stays until it is dismissed or another one comes: what an action led to. */

import { byId, put, speak } from "./elements.js";

export function prepareToast() {
  byId("toast-close").addEventListener("click", () => { byId("toast").hidden = true; });
}

/** `url`: what the line is about, where there is something to look at. */
export function toast(text, { url = null, grave = false } = {}) {
  const line = byId("toast");
  put(byId("toast-words"), text);
  byId("toast-link").hidden = url === null;
  if (url !== null) byId("toast-link").href = url;
  line.classList.toggle("grave", grave);
  line.hidden = false;
  speak(text);
}

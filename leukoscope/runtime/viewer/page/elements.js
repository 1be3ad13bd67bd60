/** Small things about the document. */

export const byId = (id) => document.getElementById(id);

/** A new element; `parts` are texts and elements. */
export function make(tag, properties = {}, ...parts) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...parts);
  return element;
}

/** Sets the text where it differs, so that nothing is laid out anew, or read out twice, for nothing. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets a select's options where they differ; keeps what is chosen if it is still there. */
export function putOptions(select, options) {
  const old = [...select.options];
  const same = old.length === options.length && options.every(([value, text], k) => old[k].value === value && old[k].text === text);
  if (same) return;
  const chosen = select.value;
  select.replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

/** Asks in a dialog; the value of the button that closed it, "" where it was left. */
export function askIn(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue), { once: true }));
}

/** Read out by a screen reader when it is done with what it says now. */
export function speak(text) {
  put(byId("spoken"), text);
}

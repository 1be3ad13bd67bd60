/** What is asked of the program. Every question has an end: a slow answer is a fault, never a page that hangs. */

import { say } from "./words.js";

const PATIENCE_MS = 8000;

/** What went wrong, as a sentence for people; `status` is 0 where no answer came. */
export class Fault extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

export async function askJson(path, patienceMs = PATIENCE_MS) {
  return (await ask(path, {}, patienceMs)).json;
}

export async function post(path, value) {
  const how = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
  return (await ask(path, how, PATIENCE_MS)).json;
}

/** A picture with the headers of its answer; null where there is none, or where it did not come in time. */
export async function askPicture(path, patienceMs = PATIENCE_MS) {
  try {
    const answer = await fetch(path, { signal: AbortSignal.timeout(patienceMs) });
    if (!answer.ok) return null;
    return { bitmap: await createImageBitmap(await answer.blob()), headers: answer.headers };
  } catch {
    return null;
  }
}

async function ask(path, how, patienceMs) {
  let answer;
  let json;
  try {
    answer = await fetch(path, { ...how, signal: AbortSignal.timeout(patienceMs) });
    json = await answer.json();
  } catch {
    if (!answer || answer.ok) throw new Fault(say("fault_unanswered"), 0);
  }
  if (!answer.ok) throw new Fault(json?.error ?? say("fault_status", { status: answer.status }), answer.status);
  return { json };
}

/** Maps in colour: the ramp, the two colours of a signed map, and how much of the field each value hides. */

let look = null;
let ramp = null;
const MIDDLE = 128;
const REACH = 127;
const OPAQUE = 255;
const GROUND = 235;

export async function readLook() {
  look = await (await fetch("overlay.json")).json();
  ramp = Uint8Array.from(look.ramp.match(/../g), (pair) => parseInt(pair, 16));
  return look;
}

export function lookOf() {
  return look;
}

/** The opacity of the strongest value that the overlays have. */
export function usualOpacity() {
  return look.strongest;
}

/** A map's grey picture as a canvas of colours whose alpha is how much a value shows; the strongest is opaque. */
export function colour(grey, signed) {
  const canvas = new OffscreenCanvas(grey.width, grey.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(grey, 0, 0);
  const image = context.getImageData(0, 0, grey.width, grey.height);
  const table = colourTable(signed);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < pixels.length; at += 1) pixels[at] = table[image.data[4 * at]];
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The scale as it looks on a pale ground. */
export function drawScale(canvas, signed, opacity) {
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${GROUND} ${GROUND} ${GROUND})`;
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (let x = 0; x < canvas.width; x += 1) {
    const at = x / (canvas.width - 1);
    const [red, green, blue, shown] = colourAt(signed ? 1 + Math.round(at * 2 * REACH) : Math.round(at * OPAQUE), signed);
    context.fillStyle = `rgb(${red} ${green} ${blue} / ${shown * opacity})`;
    context.fillRect(x, 0, 1, canvas.height);
  }
}

/** Red, green, blue, and how much it shows (0 to 1) of a grey level. */
function colourAt(level, signed) {
  const heat = signed ? (level - MIDDLE) / REACH : level / OPAQUE;
  const shown = Math.max(0, Math.min(1, (Math.abs(heat) - look.clear_below) / (1 - look.clear_below)));
  const rgb = signed ? (heat < 0 ? look.against : look.for) : ramp.subarray(3 * level, 3 * level + 3);
  return [...rgb, shown];
}

function colourTable(signed) {
  const bytes = new Uint8ClampedArray(4 * 256);
  for (let level = 0; level < 256; level += 1) {
    const [red, green, blue, shown] = colourAt(level, signed);
    bytes.set([red, green, blue, Math.round(shown * OPAQUE)], 4 * level);
  }
  return new Uint32Array(bytes.buffer);
}

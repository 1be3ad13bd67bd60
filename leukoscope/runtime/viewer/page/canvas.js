/** The field on its canvas: the picture, its map, its outlines, a label for each cell; drawn anew when anything changes. */

import { lookOf } from "./heat.js";
import { drawLabels } from "./labels.js";

const HALO_PX = 4;
const LINE_PX = 2;

export class FieldCanvas {
  #size = [0, 0];

  constructor(canvas) {
    this.canvas = canvas;
    this.scene = { picture: null, heat: null, outlines: null, cells: [], field_px: [1, 1] };
    this.wishes = { outlines: true, opacity: 1 };
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  /** Changes part of what is shown. */
  set(scene) {
    Object.assign(this.scene, scene);
    this.draw();
  }

  wish(wishes) {
    Object.assign(this.wishes, wishes);
    this.draw();
  }

  draw() {
    const context = this.#cleared();
    const { picture, heat, outlines, cells } = this.scene;
    if (picture === null) return;
    const place = this.#place(picture);
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, ...place);
    if (heat !== null) this.#drawHeat(context, heat, place);
    if (!this.wishes.outlines) return;
    if (outlines !== null) drawOutlines(context, outlines, place, place[2] / picture.width);
    drawLabels(context, cells, place, place[2] / this.scene.field_px[0]);
  }

  #cleared() {
    const dense = window.devicePixelRatio;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    const size = [Math.round(width * dense), Math.round(height * dense)];
    if (size[0] !== this.canvas.width || size[1] !== this.canvas.height) [this.canvas.width, this.canvas.height] = size;
    this.#size = [width, height];
    const context = this.canvas.getContext("2d");
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }

  /** Where the picture lies: as large as it goes, never stretched, in the middle. */
  #place(picture) {
    const ratio = Math.min(this.#size[0] / picture.width, this.#size[1] / picture.height);
    const [width, height] = [picture.width * ratio, picture.height * ratio];
    return [(this.#size[0] - width) / 2, (this.#size[1] - height) / 2, width, height];
  }

  #drawHeat(context, heat, place) {
    context.globalAlpha = this.wishes.opacity;
    context.drawImage(heat, ...place);
    context.globalAlpha = 1;
  }
}

function drawOutlines(context, outlines, [left, top, width, height], ratio) {
  const look = lookOf();
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.translate(left, top);
  context.scale(ratio, ratio);
  context.lineJoin = "round";
  for (const [path, colour] of [[outlines.cell, look.cell_line], [outlines.nucleus, look.nucleus_line]]) {
    for (const [rgb, line] of [[look.halo, HALO_PX], [colour, LINE_PX]]) {
      context.strokeStyle = `rgb(${rgb.join(" ")})`;
      context.lineWidth = line / ratio;
      context.stroke(path);
    }
  }
  context.restore();
}

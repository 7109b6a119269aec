// What is drawn on the plane besides its points: frame, ticks, handle, walk, ellipse.

import { subscript } from "./dom.js";

const ACCENT = "#e5007e";

export function frame(context, { left, top, width, height }, steps, place, look, inside) {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.fillStyle = look.paper;
  context.fillRect(left, top, width, height);
  for (const x of steps.x) gridLine(context, place([x, 0])[0], null, x === 0, look);
  for (const y of steps.y) gridLine(context, null, place([0, y])[1], y === 0, look);
  inside();
  context.restore();
  context.strokeStyle = look.line;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
}

function gridLine(context, x, y, isZero, look) {
  context.strokeStyle = look.line;
  context.lineWidth = 1;
  context.globalAlpha = isZero ? 1 : 0.4;
  context.beginPath();
  if (x !== null) {
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, 9999);
  } else {
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(9999, Math.round(y) + 0.5);
  }
  context.stroke();
  context.globalAlpha = 1;
}

export function tickLabels(context, { left, top, width, height }, steps, place, axes, look) {
  context.font = `11px ${look.font}`;
  context.fillStyle = look.text;
  context.textAlign = "center";
  context.textBaseline = "top";
  const [nameX, nameY] = axes.map((axis) => `z${subscript(axis + 1)}`);
  for (const x of steps.x) {
    const [at] = place([x, 0]);
    if (at < left + width - 22) context.fillText(short(x), at, top + height + 6);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const y of steps.y) {
    const [, at] = place([0, y]);
    if (at > top + 16) context.fillText(short(y), left - 6, at);
  }
  context.font = `italic 700 12px ${look.font}`;
  context.fillText(nameY, left - 6, top + 6);
  context.textBaseline = "top";
  context.fillText(nameX, left + width, top + height + 5);
}

function short(value) {
  return String(value).replace("-", "\u2212");
}

export function drawCross(context, [x, y], { left, top, width, height }) {
  context.save();
  context.strokeStyle = ACCENT;
  context.globalAlpha = 0.45;
  context.lineWidth = 1;
  context.setLineDash([3, 4]);
  context.beginPath();
  context.moveTo(x, top);
  context.lineTo(x, top + height);
  context.moveTo(left, y);
  context.lineTo(left + width, y);
  context.stroke();
  context.restore();
}

export function drawHandle(context, [x, y]) {
  circle(context, x, y, 8.5, "#ffffff", "rgba(0, 0, 0, 0.6)", 1.5);
  circle(context, x, y, 5.5, ACCENT, null, 0);
}

function circle(context, x, y, radius, fill, line, width) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  if (!line) return;
  context.lineWidth = width;
  context.strokeStyle = line;
  context.stroke();
}

// The line of a walk, from its start to its end; either may still be missing.
export function drawWalk(context, [start, end]) {
  if (!start) return;
  if (end) {
    context.lineCap = "round";
    for (const [colour, width] of [["#ffffff", 5], [ACCENT, 2.5]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(...start);
      context.lineTo(...end);
      context.stroke();
    }
    circle(context, ...end, 5, ACCENT, "#ffffff", 2);
  }
  circle(context, ...start, 5, "#ffffff", ACCENT, 2.5);
}

// One and two standard deviations around a mean, both given on the plane.
export function drawEllipse(context, { mean, std }, place) {
  const [x, y] = place(mean);
  const [right, top] = place([mean[0] + std[0], mean[1] + std[1]]);
  context.save();
  context.strokeStyle = ACCENT;
  context.fillStyle = ACCENT;
  context.lineWidth = 2;
  for (const times of [2, 1]) {
    context.beginPath();
    context.ellipse(x, y, times * (right - x), times * (y - top), 0, 0, 2 * Math.PI);
    context.globalAlpha = 0.14;
    context.fill();
    context.globalAlpha = 0.9;
    context.stroke();
  }
  context.restore();
}

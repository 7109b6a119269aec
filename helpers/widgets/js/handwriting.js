// What a DrawExplorer asks: a drawing's posterior, and what is decoded as every class.

import { centred } from "./digit.js";
import { toPixels } from "./stand_in.js";

function drawing({ label }, networks, model, [buffer]) {
  const bytes = new Uint8Array(buffer);
  const x = centred(bytes);
  if (!x) {
    return { drawing: bytes, digit: new Uint8Array(), z_mean: [], z_std: [],
             pictures: new Uint8Array(), shape: [0, 28, 28, 1] };
  }
  const shown = label ?? guess(x, networks, model);
  const [mean, logVar] = networks.encode(x, [shown]).map((part) => Array.from(part));
  return { drawing: bytes, digit: Uint8Array.from(x, (value) => Math.round(255 * value)),
           z_mean: mean, z_std: logVar.map((one) => Math.exp(one / 2)),
           ...decode({ z: mean, label: shown }, networks, model) };
}

function guess(x, networks, model) {
  if (!networks.classify || !model.get("encode_label")) return model.get("label");
  const scores = Array.from(networks.classify(x)[0]);
  return scores.indexOf(Math.max(...scores));
}

function decode({ z, label }, networks, model) {
  const count = model.get("n_classes") || 1;
  const pictures = Array.from({ length: count }, (_, one) => toPixels(networks.decode(z, [one])[0]));
  const [, height, width, channels = 1] = networks.decode.shapes[0];
  const all = new Uint8Array(count * pictures[0].length);
  pictures.forEach((pixels, i) => all.set(pixels, i * pixels.length));
  return { z, label, pictures: all, shape: [count, height, width, channels] };
}

export const handwritingAnswers = { drawing, decode };

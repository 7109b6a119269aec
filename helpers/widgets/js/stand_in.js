// In place of the kernel: the lesson's own networks answer what a view asks.

import { createNetwork } from "./network.js";

// Return a model whose messages are answered here, or `model` itself where it brings no
// networks. `answers` has a function for each kind of message: of the message, the
// networks, the model and the buffers, to the traits that it changes, or a promise of them.
export function standIn(model, answers) {
  const exported = Object.entries(model.get("networks") ?? {});
  if (!exported.length) return model;
  const networks = Object.fromEntries(exported.map(([name, one]) => [name, createNetwork(one)]));

  function finish({ kind, id }, traits, error = "") {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.set("error", error);
    model.set("answer", { kind, id, z: model.get("z"), label: model.get("label"), error });
    model.save_changes();
  }

  function send(message, callbacks, buffers) {
    const failed = (problem) => finish(message, {}, problem.message);
    try {
      const made = answers[message.kind](message, networks, model, buffers);
      if (made instanceof Promise) made.then((traits) => finish(message, traits), failed);
      else finish(message, made);
    } catch (problem) {
      failed(problem);
    }
  }

  return {
    get: (name) => model.get(name),
    set: (name, value) => model.set(name, value),
    on: (names, react) => model.on(names, react),
    off: (names, react) => model.off(names, react),
    save_changes: () => model.save_changes(),
    send,
  };
}

// What a decoder gave, numbers in [0, 1], as bytes from 0 to 255.
export function toPixels(output) {
  const pixels = new Uint8Array(output.length);
  for (let i = 0; i < output.length; i++) {
    if (!Number.isFinite(output[i])) throw new Error("decode returned NaN or infinity.");
    pixels[i] = Math.round(255 * Math.min(1, Math.max(0, output[i])));
  }
  return pixels;
}

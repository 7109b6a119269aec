// The DrawExplorer's view: a drawing, its posterior on the plane, and what is decoded.

import { createCourier } from "./courier.js";
import { axisChooser, button, classChooser, element, number, restSliders } from "./dom.js";
import { handwritingAnswers } from "./handwriting.js";
import { createReadout, messages, placed, pointsOf, zoomButtons } from "./panel.js";
import { createPicture, toBytes, toImageCanvas } from "./picture.js";
import { createPlane } from "./plane.js";
import { colourOf } from "./points.js";
import { createSketch } from "./sketch.js";
import { standIn } from "./stand_in.js";

function render({ model: given, el }) {
  const model = standIn(given, handwritingAnswers);
  const limits = model.get("limits");
  const names = model.get("class_names").slice(0, model.get("n_classes"));
  const state = { z: [...model.get("z")], label: null, axes: model.get("axes") };
  const courier = createCourier(model);
  const readout = createReadout();
  const alerts = messages();
  const seen = createPicture([84, 84]);
  seen.canvas.setAttribute("aria-label", "The drawing as the encoder sees it, 28 by 28");
  const gallery = createGallery(names);
  const posterior = element("div", { class: "gx-hint" });

  const sketch = createSketch({ onchange: drawn, onbegin: () => { state.label = null; } });
  const plane = createPlane({
    points: pointsOf(model), names: model.get("class_names"), limits, axes: state.axes,
    describedBy: readout.id,
    on: { point: moveTo, key: onKey },
  });
  const classes = model.get("encode_label")
    ? classChooser("I drew", names, colourOf, relabel)
    : null;
  const sliders = limits.length > 2 ? restSliders(limits, slide) : null;

  function drawn(bytes) {
    courier.drop("decode");
    courier.post("drawing", { label: state.label }, [bytes.buffer]);
    showStatus();
  }

  function relabel(label) {
    state.label = label;
    const drawing = toBytes(model.get("drawing"));
    courier.post("drawing", { label }, [drawing.slice().buffer]);
  }

  function moveTo(point) {
    go(placed(state.z, state.axes, point));
  }

  function slide(dimension, value) {
    go(state.z.map((old, i) => (i === dimension ? value : old)));
  }

  function go(z) {
    if (!model.get("z_mean").length) return; // nothing is drawn
    state.z = z;
    showPlace();
    courier.post("decode", { z, label: model.get("label") });
    showStatus();
  }

  function onKey(key) {
    if (key !== "Home") return false;
    plane.showAll();
    return true;
  }

  const toMean = () => go([...model.get("z_mean")]);
  const sample = () => go(model.get("z_mean").map(
    (mean, i) => mean + model.get("z_std")[i] * standardNormal()));

  function chooseAxes(axes) {
    state.axes = axes;
    plane.setAxes(axes);
    showPosterior();
    showPlace();
  }

  function showPlace() {
    plane.moveTo(state.axes.map((axis) => state.z[axis]));
    if (sliders) sliders.show(state.z, state.axes);
  }

  function showPosterior() {
    const [mean, std] = [model.get("z_mean"), model.get("z_std")];
    const onPlane = (values) => state.axes.map((axis) => values[axis]);
    const ellipse = mean.length ? { mean: onPlane(mean), std: onPlane(std) } : null;
    plane.include(ellipse ? corners(ellipse) : []);
    plane.mark({ ellipse });
    const words = (values) => `(${onPlane(values).map((one) => number(one).trim()).join(", ")})`;
    posterior.textContent = mean.length
      ? `q(z|x): mean ${words(mean)}, standard deviation ${words(std)}`
      : "Draw a digit to see its posterior.";
  }

  function showStatus() {
    const { z, error } = model.get("answer");
    const exact = !courier.isBusy() && (!z || z.every((value, i) => value === state.z[i]));
    const kind = courier.isBusy() ? "waiting" : error ? "failed" : exact ? "exact" : "waiting";
    readout.show(state.z, "", kind);
    el.dispatchEvent(new CustomEvent("gx-shown", { bubbles: true,
      detail: { z: [...state.z], exact: kind === "exact" } }));
  }

  function showAnswer() {
    const digit = toBytes(model.get("digit"));
    seen.paint(digit.length ? digit : new Uint8Array(28 * 28), [28, 28, 1]);
    gallery.paint(toBytes(model.get("pictures")), model.get("shape"));
    if (classes) classes.show(model.get("label"));
    alerts.show(model.get("error"), model.get("notice"));
    showPosterior();
  }

  function onAnswer() {
    const answer = model.get("answer");
    const mine = courier.isMine(answer.id);
    courier.settle(answer.id);
    if ((answer.kind === "drawing" || !mine) && !courier.isBusy()) state.z = [...answer.z];
    if (!mine && answer.kind === "drawing" && !sketch.isDrawing()) takeDrawing();
    showAnswer();
    showPlace();
    showStatus();
  }

  function takeDrawing() {
    const bytes = toBytes(model.get("drawing"));
    const side = Math.sqrt(bytes.length);
    sketch.setBase(toImageCanvas(bytes, side, side, 1));
  }

  el.append(element("div", { class: "gx gx-draw" },
    element("div", { class: "gx-side gx-narrow" },
            element("div", { class: "gx-title" }, "Draw a digit"), sketch.element,
            element("div", { class: "gx-tools" },
                    button("Undo", "Take the last stroke back", sketch.undo),
                    button("Clear", "Clear the drawing", sketch.clear)),
            classes ? classes.element : "",
            element("div", { class: "gx-seen" }, seen.canvas,
                    element("span", { class: "gx-hint" },
                            "what the encoder sees: 28 × 28, centred and scaled as MNIST"))),
    element("div", { class: "gx-side" }, element("div", { class: "gx-title" }, "Its posterior"),
            plane.element,
            element("div", { class: "gx-tools" }, ...zoomButtons(plane),
                    button("Mean", "Move to the posterior's mean", toMean),
                    button("Sample", "Draw a point from the posterior", sample)),
            posterior, sliders ? axisChooser(limits.length, state.axes, chooseAxes) : "",
            readout.element, sliders ? sliders.element : ""),
    gallery.element, alerts.element));

  takeDrawing();
  showAnswer();
  showPlace();
  showStatus();
  model.on("change:answer", onAnswer);
  return () => {
    model.off("change:answer", onAnswer);
    plane.destroy();
  };
}

// The decoded pictures: one, or one for every class with its name below it.
function createGallery(names) {
  const shown = (names.length ? names : ["decoded"]).map((name) => {
    const picture = createPicture(names.length ? [84, 168] : [168, 336]);
    picture.canvas.setAttribute("aria-label", `Decoded as ${name}`);
    const label = element("figcaption", {}, name);
    return { picture, figure: element("figure", {}, picture.canvas, label) };
  });
  const title = names.length ? "Your handwriting, as every class" : "Decoded from z";
  const box = element("div", { class: "gx-gallery" },
                      element("div", { class: "gx-title" }, title),
                      ...shown.map(({ figure }) => figure));

  function paint(bytes, [n, height, width, channels]) {
    const length = height * width * channels;
    shown.forEach(({ picture }, i) => {
      const tile = i < n ? bytes.subarray(i * length, (i + 1) * length) : new Uint8Array(length);
      picture.paint(tile, [height, width, channels]);
    });
  }

  return { element: box, paint };
}

// Two corners of a box that holds an ellipse of two standard deviations, with room.
function corners({ mean, std }) {
  return [-3, 3].map((times) => mean.map((value, i) => value + times * std[i]));
}

// Box and Muller's way from two uniform numbers to a normal one.
function standardNormal() {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  return radius * Math.cos(2 * Math.PI * Math.random());
}

export default { render };

// The LatentExplorer's view: a handle on the plane, and the picture it stands for.

import { createCourier } from "./courier.js";
import { decodeAnswers, tilesKey } from "./decode.js";
import { axisChooser, classChooser, element, restSliders } from "./dom.js";
import { createPicture, toBytes } from "./picture.js";
import { createPlane } from "./plane.js";
import { colourOf } from "./points.js";
import { createReadout, messages, placed, pointsOf, toolbar } from "./panel.js";
import { mosaic } from "./mosaic.js";
import { standIn } from "./stand_in.js";
import { createWalk } from "./walk.js";

const PATIENCE = 250; // ms of rest before tiles for a new plane are asked for

function render({ model: given, el }) {
  const model = standIn(given, decodeAnswers);
  const limits = model.get("limits");
  const state = { z: [...model.get("z")], label: model.get("label"), axes: model.get("axes") };
  const courier = createCourier(model, ["decode"]);
  const tiler = createCourier(model, ["tiles"]);
  const picture = createPicture();
  const readout = createReadout();
  const alerts = messages();
  let exact = null; // the last picture decoded: {z, label, bytes, shape}
  let painted = null; // what is on the canvas
  let showTiles = false;
  let laid = null; // the key of the tiles that lie under the points
  let rest = 0;

  const plane = createPlane({
    points: pointsOf(model), names: model.get("class_names"), limits, axes: state.axes,
    describedBy: readout.id,
    on: { point: onPoint, key: onKey },
  });
  const walk = createWalk({ onmove: moveTo, onstate: onWalk });
  const tools = toolbar({ plane, walk, ontiles: toggleTiles });
  const classes = model.get("n_classes")
    ? classChooser("Class", model.get("class_names").slice(0, model.get("n_classes")),
                   colourOf, chooseClass)
    : null;
  const sliders = limits.length > 2 ? restSliders(limits, slide) : null;

  function onPoint(point, event) {
    if (walk.isPicking() && event) {
      if (event.type === "pointerdown") pick(point);
      return;
    }
    if (!walk.isIdle() && !walk.isPicking()) walk.stop();
    moveTo(point);
  }

  function pick(point) {
    if (walk.pick(point)) moveTo(point);
  }

  function onKey(key) {
    if (key === "Home") plane.showAll();
    else if (key === "Escape") walk.stop();
    else if ((key === "Enter" || key === " ") && walk.isPicking()) pick(here());
    else if (classes && /^[0-9]$/.test(key) && Number(key) < model.get("n_classes")) {
      chooseClass(Number(key));
    } else return false;
    return true;
  }

  function onWalk(name, start, end) {
    plane.mark({ walk: [start, end] });
    tools.showWalk(name, Boolean(start && end));
  }

  const here = () => state.axes.map((axis) => state.z[axis]);

  function moveTo(point) {
    change({ z: placed(state.z, state.axes, point) });
  }

  function slide(dimension, value) {
    const z = [...state.z];
    z[dimension] = value;
    change({ z });
  }

  function chooseClass(label) {
    change({ label });
  }

  function chooseAxes(axes) {
    walk.stop();
    Object.assign(state, { axes });
    plane.setAxes(axes);
    plane.mark({ walk: [null, null] });
    tools.showWalk("idle", false);
    change({});
  }

  function change(values) {
    Object.assign(state, values);
    courier.post("decode", { z: state.z, label: state.label });
    if (!isHere(exact)) show(); // else the answer was here at once and is shown
    askForTiles();
  }

  function askForTiles() {
    clearTimeout(rest);
    tiler.drop("tiles");
    if (!showTiles || laid === tilesKey(state)) return;
    if (tilesKey(model.get("tiles_of")) === tilesKey(state)) layTiles();
    else rest = setTimeout(() => tiler.post("tiles", { ...state }), PATIENCE);
  }

  function show() {
    plane.moveTo(here());
    if (classes) classes.show(state.label);
    if (sliders) sliders.show(state.z, state.axes);
    if (exact !== painted) paint(exact);
    readout.show(state.z, named(), isHere(exact) ? "exact" : failed() ? "failed" : "waiting");
    el.dispatchEvent(new CustomEvent("gx-shown", { bubbles: true,
      detail: { z: [...state.z], label: state.label, exact: isHere(exact) } }));
  }

  const failed = () => model.get("error") !== "" && !courier.isBusy();
  const isHere = ({ z, label }) => label === state.label && z.every((value, i) => value === state.z[i]);
  const named = () => (classes ? model.get("class_names")[state.label] : "");

  function paint(one) {
    painted = one;
    picture.paint(one.bytes, one.shape, model.get("shape").slice(1, 3));
    picture.canvas.setAttribute("aria-label", `Decoded picture ${named()}`);
  }

  function toggleTiles(on) {
    showTiles = on;
    laid = null;
    if (on) askForTiles();
    else plane.mark({ tiles: null });
  }

  function layTiles() {
    const made = model.get("tiles_of");
    if (!showTiles || tilesKey(made) !== tilesKey(state)) return;
    laid = tilesKey(made);
    plane.mark({ tiles: mosaic({ ...made, bytes: toBytes(model.get("tiles")) }, limits) });
  }

  function takeExact({ z, label }) {
    exact = { z: [...z], label, bytes: toBytes(model.get("pictures")),
              shape: model.get("shape").slice(1) };
  }

  function onAnswer() {
    const answer = model.get("answer");
    if (answer.kind === "tiles") {
      if (!answer.error) layTiles();
    } else {
      if (!answer.error) takeExact(answer);
      if (!courier.isMine(answer.id)) follow(answer);
    }
    alerts.show(model.get("error"), model.get("notice"));
    courier.settle(answer.id);
    tiler.settle(answer.id);
    show();
  }

  // Another view of this widget, or Python, has moved the point.
  function follow({ z, label }) {
    if (courier.isBusy()) return;
    Object.assign(state, { z: [...z], label });
    plane.include([here()]);
    askForTiles();
  }

  el.append(element("div", { class: "gx gx-latent" },
    element("div", { class: "gx-side" }, plane.element, tools.element,
            sliders ? axisChooser(limits.length, state.axes, chooseAxes) : "", tools.hint),
    element("div", { class: "gx-side" },
            element("div", { class: "gx-frame" }, picture.canvas,
                    captionsOf(model.get("captions"))),
            readout.element, classes ? classes.element : "", sliders ? sliders.element : ""),
    alerts.element));

  takeExact(state);
  alerts.show(model.get("error"), model.get("notice"));
  model.on("change:answer", onAnswer);
  show();
  return () => {
    model.off("change:answer", onAnswer);
    clearTimeout(rest);
    walk.stop();
    plane.destroy();
  };
}

function captionsOf(texts) {
  const row = element("div", { class: "gx-captions" });
  row.append(...texts.map((text) => element("span", {}, text)));
  return row;
}

export default { render };

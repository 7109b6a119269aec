// Elements of the page, made in one line each.

const TAKES_KEYS = ["button", "input", "select"];

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  if (TAKES_KEYS.includes(tag) || "tabindex" in attributes) {
    made.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's own keys
  }
  made.append(...children);
  return made;
}

// What a button is called holds the text on it, or who speaks to the page cannot press it.
export function button(text, label, onclick) {
  const made = element("button", { type: "button", class: "gx-button", title: label, onclick });
  inscribe(made, text);
  return made;
}

export function inscribe(made, text) {
  made.textContent = text;
  made.setAttribute("aria-label", `${text}, ${made.title}`);
}

// Let the element have a pointer's moves until it is released.
export function capture(element, pointer) {
  try {
    element.setPointerCapture(pointer);
  } catch {
    // A pointer that is gone already, or one that a test made up, cannot be captured.
  }
}

// A number in two decimals with a true minus sign, as wide whether it has one or not.
export function number(value) {
  const text = Math.abs(value).toFixed(2);
  return (value < 0 && Number(text) !== 0 ? "\u2212" : "\u2007") + text;
}

export function subscript(index) {
  return [...String(index)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");
}

export function pointInWords(z) {
  if (z.length <= 4) return `z = (${z.map(number).join(", ")})`;
  return `z = (${z.slice(0, 3).map(number).join(", ")}, … ${z.length} numbers)`;
}

// Chips to choose a class with; arrow keys move between them, as radio buttons do.
export function classChooser(title, names, colourOf, onchoose) {
  const group = `gx-${Math.random().toString(36).slice(2)}`;
  const chips = names.map((name, label) => {
    const input = element("input", { type: "radio", name: group, value: label,
                                     onchange: () => onchoose(label) });
    const chip = element("label", { class: "gx-chip" }, input, element("span", {}, name));
    chip.style.setProperty("--gx-colour", colourOf(label));
    return { input, chip };
  });
  const row = element("div", { class: "gx-chips" }, ...chips.map(({ chip }) => chip));
  const set = element("fieldset", { class: "gx-set" },
                      element("legend", {}, title), row);
  const show = (label) => chips.forEach(({ input }, i) => { input.checked = i === label; });
  return { element: set, show };
}

// Two lists to choose the plane's axes from.
export function axisChooser(count, axes, onchoose) {
  const lists = axes.map((chosen, which) => {
    const options = Array.from({ length: count }, (_, i) => element(
      "option", { value: i, selected: i === chosen }, `z${subscript(i + 1)}`));
    const name = which === 0 ? "Dimension to the right" : "Dimension upwards";
    return element("select", { "aria-label": name, onchange: choose }, ...options);
  });
  function choose(event) {
    const values = lists.map((list) => Number(list.value));
    if (values[0] === values[1]) {
      const other = lists[event.target === lists[0] ? 1 : 0];
      const which = event.target === lists[0] ? 0 : 1;
      other.value = axes[which];
      values[1 - which] = axes[which];
    }
    axes = values;
    onchoose(values);
  }
  return element("div", { class: "gx-axes" }, "plane ", lists[0], " × ", lists[1]);
}

// A slider for every dimension that is not on the plane.
export function restSliders(limits, onmove) {
  const rows = limits.map(([low, high], i) => {
    const input = element("input", {
      type: "range", min: low, max: high, step: "any",
      "aria-label": `z ${i + 1}`, oninput: () => onmove(i, Number(input.value)),
    });
    const output = element("output", {});
    const row = element("label", { class: "gx-slider" }, `z${subscript(i + 1)}`, input, output);
    return { row, input, output };
  });
  const box = element("div", { class: "gx-sliders" }, ...rows.map(({ row }) => row));
  function show(z, axes) {
    rows.forEach(({ row, input, output }, i) => {
      row.hidden = axes.includes(i);
      input.value = z[i];
      output.textContent = number(z[i]);
    });
  }
  return { element: box, show };
}

// Brings widgets to life on a page without a kernel: the part of Jupyter that their
// modules need (get, set, on, off, save_changes, send), and scripts that are loaded
// only when a widget comes into view. No import() and no fetch(): neither works on a
// page that was opened as a file.

(() => {
  const AHEAD = "500px"; // of the window: how early a widget is made ready
  const kinds = new Map(); // kind -> its module, {render}
  const living = new Map(); // identity -> {kind, about, state}
  const weights = new Map(); // name -> long binary values, which widgets may share
  const loading = new Map(); // address -> promise

  function load(address) {
    if (!loading.has(address)) {
      loading.set(address, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = done;
        script.onerror = () => failed(new Error(`${address} could not be loaded.`));
        document.head.append(script);
      }));
    }
    return loading.get(address);
  }

  // Binary values are written as {"base64": "..."}, at any depth, or as {"weights": name}
  // if they are long and stand in a file of their own.
  function revive(value) {
    if (Array.isArray(value)) return value.map(revive);
    if (value === null || typeof value !== "object") return value;
    if (typeof value.base64 === "string") return bytes(value.base64);
    if (typeof value.weights === "string") return bytes(weights.get(value.weights));
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revive(one)]));
  }

  function bytes(base64) {
    const text = atob(base64);
    const made = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) made[i] = text.charCodeAt(i);
    return new DataView(made.buffer);
  }

  // What a widget's module takes for its model. Nobody hears what it sends.
  function createModel(state) {
    const listeners = new Map();
    const each = (names, act) => names.split(" ").forEach(act);
    return {
      get: (name) => state[name],
      set(name, value) {
        const before = state[name];
        state[name] = value;
        if (before === value) return;
        for (const react of [...(listeners.get(`change:${name}`) ?? [])]) react();
      },
      save_changes() {},
      send() {},
      on: (names, react) => each(names, (name) => {
        listeners.set(name, [...(listeners.get(name) ?? []), react]);
      }),
      off: (names, react) => each(names, (name) => {
        listeners.set(name, (listeners.get(name) ?? []).filter((one) => one !== react));
      }),
    };
  }

  async function bringToLife(place) {
    const { widget, kind, root } = place.dataset;
    const names = place.dataset.weights.split(" ").filter(Boolean);
    const scripts = [`kinds/${kind}`, `widgets/${widget}`, ...names.map((one) => `weights/${one}`)];
    try {
      await Promise.all(scripts.map((script) => load(`${root}_static/${script}.js`)));
      const el = document.createElement("div");
      const state = revive(living.get(widget).state);
      kinds.get(kind).render({ model: createModel(state), el });
      place.state = state; // for a look from the console
      place.replaceChildren(el);
      place.dataset.alive = "true";
    } catch (problem) {
      const words = document.createElement("p");
      words.className = "note";
      words.textContent = `This widget stays a picture: ${problem.message}`;
      place.append(words);
      console.error(problem);
    }
  }

  // The explorers watch <body> for a change of colours; the theme changes <html>.
  function passThemeOn() {
    document.body.dataset.courseTheme = document.documentElement.dataset.theme ?? "";
  }

  function begin() {
    passThemeOn();
    new MutationObserver(passThemeOn).observe(
      document.documentElement, { attributeFilter: ["data-theme"] });
    const watcher = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        watcher.unobserve(target);
        bringToLife(target);
      }
    }, { rootMargin: AHEAD });
    for (const place of document.querySelectorAll(".course-widget")) watcher.observe(place);
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      for (const film of document.querySelectorAll("video[autoplay]")) {
        film.autoplay = false;
        film.pause();
      }
    }
    // What scrolls must be reachable by keys.
    for (const box of document.querySelectorAll("div.output pre, div.highlight pre, .cell_output table")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    }
  }

  window.course = {
    define: (kind, make) => kinds.set(kind, make()),
    keep: (name, base64) => weights.set(name, base64),
    bring: (identity, what) => living.set(identity, what),
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();

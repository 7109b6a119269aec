"""What is wrong with a notebook that has run in Colab, in sentences."""

import re

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
# What tqdm draws: a percentage and a bar, or a count and a rate.
BAR = re.compile(r"\d+%\|.*\||\d+it \[.*it/s\]|\?it/s")


def problems(notebook):
    """Return what is wrong with an executed notebook, as a list of sentences."""
    state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            where = f"cell {number}"
            if output.output_type == "stream" and output.name == "stderr":
                found += [f"{where} writes to stderr: {s}" for s in noise(output.text)]
            if VIEW in output.get("data", {}):
                found += [f"{where}: {s}" for s in of_widget(output["data"], state)]
    return found


def noise(text):
    """Return the lines of stderr that are no progress bar."""
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text))
    return [line for line in lines if line.strip() and not BAR.search(line)]


def of_widget(data, state):
    """Return what is wrong with a widget's MIME bundle and with its model's state."""
    model = state.get(data[VIEW].get("model_id"))
    if model is None:
        return ["a widget whose model is not there"]
    if _is_bar(data["text/plain"], model, state):
        return [
            "a progress bar that is a widget: GitHub refuses what Colab saves of it"
        ]
    if model["model_module"] != "anywidget":
        return []
    found = []
    if not model["state"].get("_esm"):
        found.append("a widget without its JavaScript")
    if not data.get("image/png"):
        found.append("a widget without a still picture")
    return found


def _is_bar(text, model, state):
    children = model["state"].get("children", [])
    models = [state.get(child.removeprefix("IPY_MODEL_"), {}) for child in children]
    names = [one.get("model_name") for one in models]
    return bool(BAR.search(text)) or "FloatProgressModel" in names

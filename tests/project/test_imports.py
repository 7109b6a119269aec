"""The order of the house: doors and what is behind them, who imports whom."""

import ast
import importlib
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
HELPERS = sorted((ROOT / "helpers").rglob("*.py"))
CODE = sorted(
    path
    for name in ("helpers", "tools", "benchmarks")
    for path in (ROOT / name).rglob("*.py")
)
NOTEBOOKS = sorted(
    path
    for path in (ROOT / "notebooks").rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)
MOST_ARROWS = 15  # pairs of doors of which one imports the other

LEAVES = {"runtime", "losses", "checks", "tables", "audit", "colab", "plotting", "text"}
MODELS = {"training", "losses", "metrics"}
# What each door must not reach, by itself or through what it imports.
OUT_OF_REACH = {
    "data": MODELS | {"plotting", "animation", "widgets"},
    "animation": MODELS | {"data", "widgets"},
    "widgets": MODELS | {"animation", "checks"},
    "training": {"data", "metrics", "plotting", "animation", "widgets", "checks"},
    "metrics": {"plotting", "animation", "widgets", "checks"},
}
FRAMEWORKS = {"tensorflow", "keras"}
# Doors that are quick to open, and those that work on arrays alone.
NOT_AT_IMPORT = {"runtime", "data", "plotting", "checks", "colab", "animation"}
NEVER = {"plotting", "animation", "colab"}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


every_file = pytest.mark.parametrize("path", CODE, ids=name_of)
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(nodes):
    """Return the dotted names that the import statements among `nodes` bring."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def roots(names):
    return {name.split(".")[0] for name in names}


def at_import(module):
    """Yield the nodes that run when the module is imported."""
    for node in ast.iter_child_nodes(module):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node
            yield from at_import(node)


def door(path):
    """Return the name of the door that a file of helpers is, or is behind."""
    return path.relative_to(ROOT / "helpers").parts[0].removesuffix(".py")


DOORS = {door(path) for path in HELPERS} - {"__init__"}


def behind(name):
    return [path for path in HELPERS if door(path) == name]


def graph():
    """Return for each door the set of other doors that its files import."""
    uses = {name: set() for name in DOORS}
    for path in HELPERS:
        for name in imported(ast.walk(tree(path))):
            parts = name.split(".")
            if parts[0] == "helpers" and parts[1] in DOORS - {door(path)}:
                uses[door(path)].add(parts[1])
    return uses


def reached(name, uses):
    """Return all doors that come with `name`."""
    seen, waiting = set(), [name]
    while waiting:
        new = uses[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def handed_on(name):
    """Return what a door hands on: its __all__, or a single file's public names."""
    module = importlib.import_module(f"helpers.{name}")
    public = [part for part in vars(module) if not part.startswith("_")]
    return set(getattr(module, "__all__", public))


def not_through_doors(names, own=None):
    """Return those names of helpers that do not come through a door.

    Behind its own door, `own`, a file may import what it likes.
    """
    wrong = []
    for name in sorted(names):
        parts = name.split(".")
        if parts[0] != "helpers" or parts[1:2] == [own] or len(parts) == 2:
            continue
        if len(parts) > 3 or parts[2] not in handed_on(parts[1]):
            wrong.append(name)
    return wrong


def test_the_doors_are_those_of_the_plan():
    assert DOORS >= {"runtime", "data", "training", "metrics", "plotting", "widgets"}
    for name in DOORS:
        door_file = ROOT / "helpers" / name / "__init__.py"
        if door_file.exists():
            module = importlib.import_module(f"helpers.{name}")
            assert sorted(module.__all__) == sorted(set(module.__all__)), name
            assert all(hasattr(module, part) for part in module.__all__), name


@every_notebook
def test_notebooks_come_in_through_the_doors(path):
    cells = nbformat.read(path, as_version=4).cells
    code = [ast.parse(c.source) for c in cells if c.cell_type == "code"]
    names = set().union(*(imported(ast.walk(module)) for module in code))
    assert not_through_doors(names) == []
    assert {name.split(".")[1] for name in names if "helpers." in name} <= DOORS


@pytest.mark.parametrize("path", HELPERS, ids=name_of)
def test_helpers_use_each_other_through_the_doors(path):
    assert not_through_doors(imported(ast.walk(tree(path))), own=door(path)) == []


def test_few_arrows_between_doors_and_no_circle():
    uses = graph()
    arrows = [(name, used) for name in sorted(uses) for used in sorted(uses[name])]
    assert len(arrows) <= MOST_ARROWS, arrows
    assert [name for name in uses if name in reached(name, uses)] == []


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_leaves_open_no_other_door(name):
    assert graph()[name] == set()


def test_data_needs_runtime_alone():
    assert reached("data", graph()) == {"runtime"}


@pytest.mark.parametrize("name", OUT_OF_REACH)
def test_imports_go_one_way(name):
    assert reached(name, graph()) & OUT_OF_REACH[name] == set()


def test_no_circle_of_files_behind_a_door():
    files = {}
    for path in HELPERS:
        parts = path.relative_to(ROOT).with_suffix("").parts
        files[".".join(part for part in parts if part != "__init__")] = path
    uses = {}
    for name, path in files.items():
        names = imported(ast.walk(tree(path)))
        names |= {found.rpartition(".")[0] for found in names}
        # A file behind a door reaches its own package by name, not its __init__.
        uses[name] = (names & set(files)) - {name, name.rpartition(".")[0]}
    assert [name for name in uses if name in reached(name, uses)] == []


@pytest.mark.parametrize("name", sorted(NEVER))
def test_array_doors_reach_no_framework(name):
    for part in {name} | reached(name, graph()) - {"runtime"}:
        for path in behind(part):
            assert not roots(imported(ast.walk(tree(path)))) & FRAMEWORKS, path


@pytest.mark.parametrize("name", sorted(NOT_AT_IMPORT))
def test_quick_doors_import_no_framework(name):
    for path in behind(name):
        assert not roots(imported(at_import(tree(path)))) & FRAMEWORKS, path


def test_losses_know_keras_alone():
    for path in behind("losses"):
        assert roots(imported(ast.walk(tree(path)))) <= {"keras", "math", "numpy"}


@pytest.mark.parametrize("path", HELPERS, ids=name_of)
def test_only_runtime_reads_the_environment(path):
    # Tools and benchmarks may: they hand an environment to the processes they start.
    names = {"environ", "environb", "getenv", "getenvb"}
    used = {
        node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)
    }
    used |= {name.split(".")[-1] for name in imported(ast.walk(tree(path)))}
    assert path == ROOT / "helpers" / "runtime.py" or not used & names


@every_file
def test_nobody_bends_the_path(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            assert not ast.unparse(node.func).startswith("sys.path."), ast.unparse(node)


@every_file
def test_no_pickles_and_no_tf_keras(path):
    module = tree(path)
    assert not roots(imported(ast.walk(module))) & {"pickle", "joblib", "dill"}
    assert not any(
        name.startswith("tensorflow.keras") for name in imported(ast.walk(module))
    )
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) != ("tf", "keras")
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert node.value.value is False

"""The order of the code: who imports whom, who reads the environment, how long."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HELPERS = sorted((ROOT / "helpers").glob("*.py"))
CODE = sorted(
    path
    for name in ("helpers", "tools", "benchmarks")
    for path in ROOT.glob(f"{name}/*.py")
)
MODULE_LINES, FUNCTION_LINES = 280, 40

# Leaves import no other helper; data reads its folder and profile from runtime.
LEAVES = {"runtime", "losses", "sampling", "colab"}
MODELS = {"training", "losses", "metrics"}
# What each part must not reach, by itself or through what it imports.
OUT_OF_REACH = {
    "plotting": MODELS | {"data", "animation", "explorer"},
    "animation": MODELS | {"data", "explorer"},
    "explorer": MODELS | {"data"},
    "checks": MODELS | {"data", "animation", "explorer"},
    "training": {"data", "metrics", "plotting", "animation", "explorer", "checks"},
    "metrics": {"plotting", "animation", "explorer", "checks"},
}
FRAMEWORKS = {"tensorflow", "keras"}
# Modules that must be quick to import, and those that work on arrays alone.
NOT_AT_IMPORT = {"__init__", "runtime", "data", "plotting", "checks", "colab"}
NEVER = {"plotting", "animation", "colab"}
ids = {"ids": lambda path: path.stem}


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(nodes):
    """Return the dotted names that the import statements among `nodes` bring."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "helpers" if node.level else node.module
            base = f"{base}.{node.module}" if node.level and node.module else base
            names |= {f"{base}.{alias.name}" for alias in node.names} | {base}
    return names


def helpers_in(names):
    parts = [name.split(".") for name in names]
    return {part[1] for part in parts if part[0] == "helpers" and len(part) > 1}


def roots(names):
    return {name.split(".")[0] for name in names}


def at_import(module):
    """Yield the nodes that run when the module is imported."""
    for node in ast.iter_child_nodes(module):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield node
            yield from at_import(node)


def test_there_is_code_to_look_at():
    assert {"runtime", "data", "training", "plotting"} <= {p.stem for p in HELPERS}


def graph():
    """Return for each helper the set of helpers that it imports anywhere."""
    modules = {path.stem for path in HELPERS}
    return {
        path.stem: helpers_in(imported(ast.walk(tree(path)))) & modules
        for path in HELPERS
    }


def reached(name, uses):
    """Return all helpers that come with `name`."""
    seen, waiting = set(), [name]
    while waiting:
        new = uses.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_leaves_import_no_helper(name):
    assert graph().get(name, set()) == set()


def test_data_imports_only_runtime():
    assert reached("data", graph()) == {"course_data", "runtime"}
    assert reached("course_data", graph()) == {"runtime"}


@pytest.mark.parametrize("name", OUT_OF_REACH)
def test_imports_go_one_way(name):
    assert reached(name, graph()) & OUT_OF_REACH[name] == set()


def test_imports_hold_no_circle():
    uses = graph()
    assert [name for name in uses if name in reached(name, uses)] == []


@pytest.mark.parametrize("name", sorted(NEVER))
def test_numpy_helpers_reach_no_framework(name):
    for module in {name} | reached(name, graph()) - {"runtime"}:
        names = imported(ast.walk(tree(ROOT / "helpers" / f"{module}.py")))
        assert not roots(names) & FRAMEWORKS, module


@pytest.mark.parametrize("path", HELPERS, **ids)
def test_frameworks_are_imported_where_they_may_be(path):
    module = tree(path)
    if path.stem in NOT_AT_IMPORT:
        assert not roots(imported(at_import(module))) & FRAMEWORKS
    if path.stem == "losses":
        assert roots(imported(ast.walk(module))) <= {"keras", "math", "numpy"}


@pytest.mark.parametrize("path", CODE, **ids)
def test_only_runtime_reads_the_environment(path):
    names = {"environ", "environb", "getenv", "getenvb"}
    used = {
        node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)
    }
    used |= {name.split(".")[-1] for name in imported(ast.walk(tree(path)))}
    assert path.stem == "runtime" or not used & names


@pytest.mark.parametrize("path", CODE, **ids)
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


def body_lines(function):
    """Return how many lines a function has, its docstring left out."""
    first = function.body[0]
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = first.end_lineno - first.lineno + 1 if text else 0
    return function.end_lineno - function.lineno + 1 - docstring


@pytest.mark.parametrize("path", CODE, **ids)
def test_modules_and_functions_stay_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES
    long = {
        node.name: body_lines(node)
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and body_lines(node) > FUNCTION_LINES
    }
    assert long == {}

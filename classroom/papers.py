"""A lesson as a paper to hand in: its exercises, a learner's answers, the verdicts.

An exercise is a cell tagged "answer" and the cell tagged "check" that follows it; the
first is number 1. A paper is graded as the lesson itself with the learner's answers put
into it: whatever else was changed, added or taken away in what a learner hands in,
checks included, does not count.
"""

import ast
import copy

POINTS = 1  # of an exercise

# What an answer has no need of, but a hunt for marks has.
WATCHED = {
    "checks", "builtins", "sys", "os", "gc", "inspect", "importlib", "ctypes",
    "IPython", "subprocess", "threading", "multiprocessing", "socket", "signal",
    "atexit", "open", "exec", "eval", "compile", "globals", "locals", "vars",
    "setattr", "get_ipython", "display",
}  # fmt: skip


def tagged(notebook, tag):
    """Return the cells of a notebook that carry a tag."""
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def exercises(notebook):
    """Return {number: (answer cell, check cell)} of a lesson.

    Raises ValueError if its answers and checks do not alternate, or if it has none.
    """
    answers, checks = tagged(notebook, "answer"), tagged(notebook, "check")
    order = [cell for cell in notebook.cells if cell in answers or cell in checks]
    pairs = list(zip(answers, checks, strict=False))
    if not pairs or order != [cell for pair in pairs for cell in pair]:
        raise ValueError("The lesson's answers and checks are not in pairs.")
    return dict(enumerate(pairs, start=1))


def exercise_at(notebook, index):
    """Return the number of the last exercise that began up to a cell, or None."""
    before = notebook.cells[: index + 1]
    answered = [cell for cell in before if "answer" in cell.metadata.get("tags", [])]
    return len(answered) or None


def as_assignment(lesson):
    """Return a copy of a lesson that nbgrader knows the exercises of.

    Each is worth POINTS; its check is locked.
    """
    paper = copy.deepcopy(lesson)
    for number, (answer, check) in exercises(paper).items():
        answer.metadata["nbgrader"] = _mark(_name(number), solution=True)
        check.metadata["nbgrader"] = _mark(f"{_name(number)}-check", grade=True)
        check.metadata["nbgrader"] |= {"locked": True, "points": POINTS}
    return paper


def _name(number):
    return f"exercise-{number}"


def _mark(name, solution=False, grade=False):
    return {
        "schema_version": 3,
        "grade_id": name,
        "solution": solution,
        "grade": grade,
        "locked": False,
        "task": False,
    }


def answers(handed_in, blank):
    """Return {number: source} of the answers in what a learner handed in.

    `blank` is the lesson. An answer's cell is known by its name in nbgrader or by its
    id, which Colab moves to the metadata; of several, the last counts. Where nothing is
    known so, as many cells tagged "answer" as the lesson has are taken in their order.
    """
    ours = exercises(blank)
    named = {_name(number): number for number in ours}
    named |= {answer.id: number for number, (answer, _) in ours.items()}
    code = [cell for cell in handed_in.cells if cell.cell_type == "code"]
    found = {
        named[name]: cell.source
        for cell in code
        for name in _names(cell)
        if name in named
    }
    in_order = [c for c in code if "answer" in c.metadata.get("tags", [])]
    if not found and len(in_order) == len(ours):
        found = {number: c.source for number, c in enumerate(in_order, start=1)}
    return found


def _names(cell):
    """Return what a cell may be known by, the surest last."""
    mark = cell.metadata.get("nbgrader")
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return [cell.metadata.get("id"), cell.get("id"), name]


def with_answers(blank, handed_in):
    """Return the lesson `blank` with the answers of what a learner handed in."""
    paper = copy.deepcopy(blank)
    ours = exercises(paper)
    for number, source in answers(handed_in, blank).items():
        ours[number][0].source = source
    return paper


def is_right(check, number):
    """Return whether a check that has run found the answer to an exercise right."""
    if any(output.output_type == "error" for output in check.outputs):
        return False
    shown = [
        output.data.get("text/plain", "")
        for output in check.outputs
        if output.output_type == "execute_result"
    ]
    return len(shown) == 1 and shown[0].startswith(f"✓ Exercise {number}: ")


def worth_a_look(answer):
    """Return what in an answer's source a person should look at, sorted.

    An answer runs in the same Python as its check. One that sets out to bend Python
    itself cannot be kept from it, so it is pointed out.
    """
    try:
        nodes = list(ast.walk(ast.parse(answer)))
    except SyntaxError:
        commands = any(line.lstrip()[:1] in ("!", "%") for line in answer.splitlines())
        return ["a command to the shell or to Jupyter"] if commands else []
    used = {name for node in nodes for name in _names_in(node)}
    found = {name for name in used if name in WATCHED or name.startswith("__")}
    found |= {
        f"a change of {ast.unparse(node)}"
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    return sorted(found)


def _names_in(node):
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        modules = [alias.name for alias in node.names]
        modules += [getattr(node, "module", None) or ""]
        return [part for module in modules for part in module.split(".")]
    return []

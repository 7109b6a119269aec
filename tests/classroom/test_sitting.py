"""Papers that crash, never end, write and cheat: each costs its own marks alone."""

import time
from pathlib import Path

import pytest

# `make class-test` runs these, with classroom/requirements.txt installed: some of these
# papers use all that a machine has before their limits end them.
pytest.importorskip("nbgrader", reason="nbgrader is not installed")

from classroom import papers, sitting, walls

ANSWERS = {
    "right": ({}, []),
    "half right": ({1: "f1 = abs\nf1 = lambda x: x + 1", 3: "f3 = 1 / 0"}, [1, 3]),
    "ends Python": ({2: "import os\nos._exit(1)"}, [2]),
    "breaks Python": ({3: "import ctypes\nctypes.string_at(0)"}, [3]),
    "takes all memory": ({2: "f2 = [np.ones(10**8) for _ in range(90)]"}, [2]),
    "never ends": ({4: "while True:\n    pass"}, [4]),
    "never ends when asked": ({1: "f1 = lambda x: [0 for _ in iter(int, 1)]"}, [1]),
    "will not be interrupted": (
        {
            2: "import time\nwhile True:\n    try:\n        time.sleep(1)\n"
            "    except BaseException:\n        pass"
        },
        [2],
    ),
    "prints without end": ({1: "while True:\n    print('x' * 10_000)"}, [1]),
    "forks without end": ({2: "import os\nwhile True:\n    os.fork()"}, [2]),
    "bends the checks": (
        {1: "checks.function = lambda n, *_: checks.Verdict(True, 'Exercise 1: yes')"},
        [1],
    ),
    "takes their name": (
        {1: "class checks:\n    function = lambda *_: 1\n    summary = function"},
        [1],
    ),
}


@pytest.fixture(autouse=True)
def short(monkeypatch, walled):
    monkeypatch.setattr(sitting, "ANSWER_SECONDS", 4)
    monkeypatch.setattr(walls, "MEMORY", 2 * 2**30)
    monkeypatch.setattr(walls, "PROCESSES", 200)


def right(paper):
    ours = papers.exercises(paper).items()
    return [number for number, (_, check) in ours if papers.is_right(check, number)]


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_costs_its_own_mark_alone(kind, paper, blank):
    others, wrong = ANSWERS[kind]
    done = paper(others)
    sitting.sit(done, blank)
    assert right(done) == [number for number in range(1, 5) if number not in wrong]


def test_a_lesson_without_answers_is_worth_nothing(blank, paper):
    done = paper()
    for number, (answer, _) in papers.exercises(done).items():
        answer.source = papers.exercises(blank)[number][0].source
    assert sitting.sit(done, blank) == {} and right(done) == []


LOOKS_AROUND = """
import os, socket
for place in PLACES:
    try:
        os.listdir(place) if os.path.isdir(place) else open(place).read()
        print("READ", place)
    except OSError:
        pass
    try:
        open(place + "/x" if os.path.isdir(place) else place, "w").write("mine")
        print("WROTE", place)
    except OSError:
        pass
try:
    socket.create_connection(("127.0.0.1", 22), 2)
except OSError:
    print("NO NETWORK")
print(len([name for name in os.listdir("/proc") if name.isdigit()]), "PROCESSES")
f1 = lambda x: x
"""


def test_nothing_outside_is_read_or_written(paper, blank, tmp_path):
    """An answer looks around; what it finds is in its outputs."""
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text("marks")
    hidden = [gradebook, walls.ROOT / "notebooks/solutions", Path("/etc/passwd")]
    own = walls.ROOT / "notebooks"
    places = [*hidden, own, walls.ROOT / "helpers"]
    done = paper({1: f"PLACES = {[str(p) for p in places]}{LOOKS_AROUND}"})
    sitting.sit(done, blank)
    said = "".join(o.text for o in papers.exercises(done)[1][0].outputs if "text" in o)
    read = {place for place in places if f"READ {place}\n" in said}
    wrote = {place for place in places if f"WROTE {place}\n" in said}
    assert read == {own, walls.ROOT / "helpers"} and wrote == {own}
    assert "NO NETWORK" in said and "2 PROCESSES" in said
    assert gradebook.read_text() == "marks" and not (own / "x").exists()
    assert right(done) == [1, 2, 3, 4]


def test_the_whole_paper_has_an_end(paper, blank, monkeypatch):
    monkeypatch.setattr(sitting, "PAPER_SECONDS", 8)
    start = time.monotonic()
    done = paper(dict.fromkeys(range(2, 5), "while True:\n    pass"))
    sitting.sit(done, blank)
    assert right(done) == [1] and time.monotonic() - start < 40

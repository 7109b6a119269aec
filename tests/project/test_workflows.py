"""What runs on GitHub: the pythons and commands that the course itself names."""

import re
from pathlib import Path

import pytest
import yaml

from helpers import runtime

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def workflow(name):
    text = (ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def steps(name):
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def test_every_supported_python_is_tested():
    (low, high), matrix = runtime.PYTHON_RANGE, workflow("tests")["jobs"]["test"]
    assert matrix["strategy"]["matrix"]["python"] == [
        f"3.{minor}" for minor in range(low[1], high[1])
    ]


def test_the_folder_that_is_published_is_the_one_that_the_book_is_written_to():
    book = workflow("book")["env"]["BOOK"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"write HTML pages to {book}'" in makefile
    upload = next(s for s in steps("book") if "upload-pages" in s.get("uses", ""))
    assert upload["with"]["path"] == "${{ env.BOOK }}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_targets_of_the_makefile_with_the_least_rights(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = " ".join(re.findall(r"^([\w -]+):(?!=)", makefile, re.MULTILINE)).split()
    ran = [word for step in steps(path.stem) for word in [step.get("run", "")]]
    wanted = re.findall(r"\bmake ([\w-]+)", "\n".join(ran))
    assert wanted and set(wanted) <= set(targets)
    assert workflow(path.stem)["permissions"] == {"contents": "read"}

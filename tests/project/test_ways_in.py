"""The ways in besides make: uv's lock file, the dev container, Binder, the Pythons."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from tools import pythons

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "which_way_in.md").read_text(encoding="utf-8")


def toml(name):
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock():
    return toml("uv.lock")


def asked(name, specifier="", marker=None, extras=()):
    """Return one requirement in a form that can be compared."""
    marker = re.sub(r"\s|'|\"", "", str(marker or ""))
    marker = marker.replace("python_full_version", "python_version")
    return name, str(specifier), marker, tuple(extras)


def test_the_lock_answers_what_pyproject_asks(lock):
    """Without uv: the lock repeats what it was made for. `uv lock` renews it."""
    project = toml("pyproject.toml")["project"]
    wanted = {
        asked(r.name, r.specifier, r.marker)
        for r in map(Requirement, project["dependencies"])
    }
    for extra, lines in project["optional-dependencies"].items():
        for r in map(Requirement, lines):
            marker = f"extra == '{extra}'"
            marker = f"({r.marker}) and {marker}" if r.marker else marker
            wanted.add(asked(r.name, r.specifier, marker))
    (ours,) = (p for p in lock["package"] if p["name"] == project["name"])
    found = {
        asked(r["name"], r.get("specifier", ""), r.get("marker"))
        for r in ours["metadata"]["requires-dist"]
    }
    assert {unwrapped(r) for r in found} == {unwrapped(r) for r in wanted}
    low, high = lock["requires-python"].split(", ")
    assert {low, high} == set(project["requires-python"].split(","))


def unwrapped(requirement):
    """Sort the parts of a specifier and leave out the marker's parentheses."""
    name, specifier, marker, extras = requirement
    specifier = ",".join(sorted(part.strip() for part in specifier.split(",")))
    return name, specifier, re.sub(r"[()]", "", marker), extras


def test_the_lock_names_public_addresses_only(lock):
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    assert set(re.findall(r"\w+://[^/\"]+", text)) == {
        "https://pypi.org",
        "https://files.pythonhosted.org",
    }
    sources = [next(iter(package["source"])) for package in lock["package"]]
    assert sorted(set(sources)) == ["editable", "registry"]


@pytest.mark.parametrize("python", [(3, 10), (3, 11), (3, 12), (3, 13)])
def test_the_lock_has_a_tensorflow_for_every_python(lock, python):
    tag = f"-cp{python[0]}{python[1]}-"
    wheels = [
        wheel["url"]
        for package in lock["package"]
        if package["name"] == "tensorflow"
        for wheel in package["wheels"]
    ]
    for system in ("manylinux", "win_amd64", "macosx"):
        assert any(tag in url and system in url for url in wheels), system


@pytest.mark.skipif(not shutil.which("uv"), reason="needs uv on the PATH")
def test_uv_finds_its_lock_up_to_date():
    done = subprocess.run(
        ["uv", "lock", "--check", "--offline"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def container():
    return json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())


def test_the_container_is_made_by_a_target_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    command = container()["postCreateCommand"]
    assert re.match(
        rf"(?m)^{command.removeprefix('make ')}: \$\(LEARNER\)$",
        makefile[makefile.index("\ninstall") + 1 :],
    )
    settings = container()["customizations"]["vscode"]["settings"]
    python = settings["python.defaultInterpreterPath"]
    assert python == "${containerWorkspaceFolder}/.venv/bin/python"
    (notebook,) = container()["customizations"]["codespaces"]["openFiles"]
    assert (ROOT / notebook).is_file()


def test_the_container_has_a_python_of_the_course():
    version = re.search(r"python:\d-(3\.\d+)-", container()["image"])[1]
    assert f'"{version}"' in (ROOT / ".github/workflows/tests.yml").read_text()


def test_binder_reads_the_environment_that_conda_reads():
    """repo2docker takes a folder binder/ or .binder/ before the root's files."""
    assert not (ROOT / "binder").exists() and not (ROOT / ".binder").exists()
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    # It installs them beside the files that these lines name, not before.
    assert environment["dependencies"][-1] == {"pip": ["-r requirements.txt"]}


def test_every_way_of_the_page_has_its_section():
    ways = re.findall(r"(?m)^\| \[(.+?)\]\(#(.+?)\) \|", PAGE)
    headings = re.findall(r"(?m)^## (.+)$", PAGE)
    assert len(ways) >= 7
    for name, anchor in ways:
        assert anchor in [slug(heading) for heading in headings], name


def slug(heading):
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize(
    "page", ["README.md", "docs/which_way_in.md", "docs/teaching.md"]
)
def test_links_of_the_pages_lead_somewhere(page):
    text = re.sub(r"(?ms)^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"))
    for target in re.findall(r"(?<!!)\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if anchor:
            found = re.findall(r"(?m)^#+ (.+)$", file.read_text(encoding="utf-8"))
            assert anchor in map(slug, found), target


def test_a_program_that_only_claims_to_be_a_python_is_not_taken(tmp_path, monkeypatch):
    """A pyenv shim of a version that is not chosen answers with an error."""
    shim, good = tmp_path / "python3.10", tmp_path / "pyenv/versions/3.10.9/bin/python"
    good.parent.mkdir(parents=True)
    for path, says in ((shim, "exit 127"), (good, "echo 3.10")):
        path.write_text(f"#!/bin/sh\n{says}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert pythons.interpreter("3.10") == str(good)
    with pytest.raises(FileNotFoundError, match="no Python 3.12: install one"):
        pythons.interpreter("3.12")


def test_all_pythons_run_and_one_failure_fails(monkeypatch, capsys):
    found = {"3.10": "failed in 9 s", "3.12": "passed in 9 s"}
    monkeypatch.setattr(pythons, "tested", found.__getitem__)
    with pytest.raises(SystemExit) as ended:
        pythons.main(["3.10", "3.12"])
    assert ended.value.code == 1
    assert "Python 3.10: failed in 9 s\nPython 3.12: passed" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        pythons.main(["3.12"])
    assert not ended.value.code


def test_make_names_the_pythons_that_its_workflow_tests():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.search(r"(?m)^PYTHONS := (.*)$", makefile)[1].split()
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())
    assert set(named) <= set(workflow["jobs"]["test"]["strategy"]["matrix"]["python"])
    low, high = named[0], named[-1]
    assert [low, high] == ["3.10", "3.13"]  # the ends of what the course supports

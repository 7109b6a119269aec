# Every target first makes .venv, or refreshes it when the requirements changed.
# `make lab` needs nothing else; `make help` lists the rest.

VENV := .venv
PYTHON := $(VENV)/bin/python
REQUIREMENTS := requirements.txt pyproject.toml

# The stamps hold a checksum of what was installed and of the folder it was
# installed in, so an edited requirement or a moved course installs again.
checksum = $(shell { pwd; cat $(1); } | cksum | cut -d ' ' -f 1)
LEARNER := $(VENV)/.learner-$(call checksum,$(REQUIREMENTS))
DEVELOPER := $(VENV)/.developer-$(call checksum,$(REQUIREMENTS) requirements-dev.txt)
CLASSROOM := $(VENV)/.classroom-$(call checksum,classroom/requirements.txt)

SUPPORTED := import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))

# A kernel named python3 that was registered elsewhere on this machine must not
# take the place of the one in .venv.
export JUPYTER_PREFER_ENV_PATH := 1
unexport JUPYTER_PATH PYTHONHOME

.PHONY: help lab install test test-all test-full test-pythons test-colab lint
.PHONY: assets figures book slides bench sturdy mischief hub class-test

help:
	@echo 'make lab      open the course in JupyterLab; ARGS="--port 9000" passes options on'
	@echo 'make install  what make lab needs, without starting it'
	@echo 'make test     lint, unit tests and every lesson in the smoke profile'
	@echo 'make test-all the same, the solutions and all else that is marked as slow'
	@echo 'make test-full  every notebook as in the profile full, counts cut; needs COURSE_DATA'
	@echo 'make test-pythons   test-all on Python $(PYTHONS), each in its own environment'
	@echo 'make test-colab     every lesson with the versions that Colab has'
	@echo 'make lint     ruff on code and notebooks'
	@echo 'make book     run the course and write HTML pages to build/book'
	@echo 'make slides   a page of slides for each lesson, from the runs of the book'
	@echo 'make figures  run the lessons and write their pictures to docs/figures'
	@echo 'make bench    time the training engine and the other fast parts; ARGS=--record keeps it'
	@echo 'make sturdy   kill, interrupt and crowd trainings; two workers, one of them killed'
	@echo 'make mischief do to every lesson what learners do, and print what becomes of it'
	@echo 'make hub      a class on this server, JupyterHub on port 8000'
	@echo 'make class-test  six learners at once on a hub, and homework marked'
	@echo 'make assets   rebuild helpers/assets from the packages they come from'

# In a container one is root, and where there is no screen a text browser would take
# the terminal: there JupyterLab only says which address to open.
SCREEN := $(DISPLAY)$(WAYLAND_DISPLAY)$(WSL_DISTRO_NAME)$(filter Darwin,$(shell uname))
LAB := $(if $(filter 0,$(shell id -u)),--allow-root) $(if $(SCREEN),,--no-browser)

lab: $(LEARNER)
	@echo 'Starting JupyterLab; Ctrl+C ends it. If no browser opens, or none can, open'
	@echo 'one of the addresses that follow, with all that comes after "token=".'
	@$(PYTHON) -m jupyterlab --ServerApp.log_level=WARN $(LAB) \
	    --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(ARGS)

install: $(LEARNER)

# `make test TESTS=tests/helpers` tries a part.
TESTS := tests notebooks
test: PICKED := -m 'not slow'
test test-all: lint
	COURSE_PROFILE=smoke TF_CPP_MIN_LOG_LEVEL=2 $(PYTHON) -m pytest $(TESTS) \
	    $(PICKED) --ignore=tests/full \
	    --nbval-lax --nbval-current-env --nbval-cell-timeout=120 -n2 --dist loadscope $(ARGS)

test-full: $(DEVELOPER)
	TF_CPP_MIN_LOG_LEVEL=2 $(PYTHON) -m pytest tests/full

PYTHONS := 3.10 3.12 3.13
test-pythons: $(DEVELOPER)
	$(PYTHON) -m tools.pythons $(PYTHONS)

test-colab: $(DEVELOPER)
	$(PYTHON) -m tools.colab $(ARGS)

lint: $(DEVELOPER)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

assets: $(DEVELOPER)
	$(PYTHON) -m tools.assets.build

figures: $(DEVELOPER)
	$(PYTHON) -m tools.notebooks.figures

book: $(DEVELOPER)
	$(PYTHON) -m tools.book

slides: $(DEVELOPER)
	$(PYTHON) -m tools.slides $(ARGS)

bench: $(DEVELOPER)
	$(PYTHON) -m benchmarks.run $(ARGS)

sturdy: $(DEVELOPER)
	$(PYTHON) -m benchmarks.run --only kernels kills workers lessons_on_replicas

mischief: $(DEVELOPER)
	$(PYTHON) -m tools.notebooks.mischief

hub: $(CLASSROOM)
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" jupyterhub -f classroom/jupyterhub_config.py $(ARGS)

class-test: $(CLASSROOM)
	$(PYTHON) -m pytest tests/classroom
	$(PYTHON) -m classroom.trial

$(PYTHON):
	@for python in python3 python3.13 python3.12 python3.11 python3.10; do \
	    if $$python -c '$(SUPPORTED)' 2>/dev/null; then \
	        echo "Making $(VENV) with $$($$python --version)"; \
	        exec $$python -m venv --clear $(VENV); \
	    fi; \
	done; \
	echo 'The course needs Python 3.10, 3.11, 3.12 or 3.13; none was found.' >&2; \
	exit 1

$(LEARNER): | $(PYTHON)
	$(PYTHON) -m pip install --disable-pip-version-check -r requirements.txt
	@rm -f $(VENV)/.learner-* && touch $@

$(DEVELOPER): | $(PYTHON)
	$(PYTHON) -m pip install --disable-pip-version-check -r requirements-dev.txt
	@rm -f $(VENV)/.developer-* $(VENV)/.learner-* && touch $@ $(LEARNER)

$(CLASSROOM): $(DEVELOPER)
	$(PYTHON) -m pip install --disable-pip-version-check -r classroom/requirements.txt
	npm install --silent --global --prefix $(VENV) configurable-http-proxy
	@rm -f $(VENV)/.classroom-* && touch $@

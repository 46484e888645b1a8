# Two commands matter: `make` remakes what changed, `make test` runs the tests.

PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# for what DVC starts; here programs are named by their path, since some versions of make look them
# up in the old PATH
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUTF8 := 1
# settings that would hide this folder from Python, or keep pip from installing into .venv
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH
unexport PIP_CONSTRAINT PIP_DRY_RUN PIP_NO_DEPS PIP_PREFIX PIP_REQUIRE_HASHES PIP_ROOT PIP_TARGET PIP_USER
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := all
.PHONY: all page seeds test soak test-long test-scale test-course notebooks audit lint lint-explorer ship ship-check submission help clean

all: .venv/checked page  ## Remake what changed, then print a summary
	@$(BIN)/dvc repro
	@$(BIN)/python -m tools.summary
	@$(BIN)/python -m tools.other_bytes

seeds: .venv/checked page  ## Train with further seeds, for intervals in report and summary (over an hour)
	@$(BIN)/dvc repro dvc.yaml seeds/dvc.yaml
	@$(BIN)/python -m tools.seeds
	@$(MAKE) -s all

page: .dvc/plots/page.html  ## Make the page for `dvc plots`, with Vega included, for use offline

test: .venv/installed-test  ## Run the tests
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal

soak: .venv/installed-test  ## Kill the pipeline 50 times at random moments (some 20 minutes)
	@$(BIN)/python -m tests.soak

test-long: .venv/installed-test  ## Thousands of parameter files; the documented long commands (2 hours)
	@EXAMPLES_TIMES=20 $(BIN)/python -m pytest tests/test_any_params.py tests/test_any_yaml.py
	@$(BIN)/python -m pytest -m long

test-scale: .venv/installed-test  ## Sweeps and stores on real servers: Slurm, Ray, S3, sshd (minutes)
	@$(BIN)/python -m pytest -m scale

test-course: .venv/installed-test  ## The course's grader over 100 numbers (an hour)
	@$(BIN)/python -m pytest -m course --numprocesses auto

lint: .venv/installed-test ship-check  ## Check format, lint, types, imports, deps and what is shipped
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m tools.deps --check
	@if command -v npm >/dev/null; then $(MAKE) -s lint-explorer; \
	else echo 'JavaScript is not checked, for want of Node.js'; fi

lint-explorer: explorer/node_modules/.installed  ## Check types and format of the explorer's JavaScript
	@npm --prefix explorer run --silent check

notebooks: .venv/installed-test  ## Make the notebooks from their sources
	@$(BIN)/jupytext --quiet --to ipynb --update notebooks/*.py

audit: .venv/checked  ## Run each stage with only what it declares: the same bytes? (minutes)
	@$(BIN)/python -m tools.audit

ship: .venv/installed  ## Stage for commit: trained artifacts, documents, the models' pages
	@$(BIN)/python -m tools.ship

ship-check: .venv/installed  ## Verify that git has all of these, intact
	@$(BIN)/python -m tools.ship --check

submission: .venv/checked  ## Pack submission.zip: code, weights, documents
	@$(BIN)/python -m tools.submission

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

clean:  ## Remove the virtual environment and tool caches, but no artifact
	@rm -rf .venv explorer/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info

# The environment is remade when its requirements change.
.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Looking Glass needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) -e .
	@touch $@

.venv/installed-test: .venv/installed
	$(PIP_INSTALL) --quiet -e '.[test]'
	@touch $@

.dvc/plots/page.html: .venv/installed tools/page.py tools/page.html
	@$(BIN)/python -m tools.page

explorer/node_modules/.installed: explorer/package-lock.json
	npm --prefix explorer ci --no-audit --no-fund
	@touch $@

# `dvc repro` skips stages whose section did not change, so the whole file is checked first.
.venv/checked: .venv/installed params.yaml $(wildcard tools/check.py lab/*/*.py stages/*/*.py)
	@$(BIN)/python -m tools.check
	@touch $@

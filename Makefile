# Two commands matter: `make` remakes what changed, `make test` tests it all.

PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUTF8 := 1
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := all
.PHONY: all test lint audit ship ship-check help clean

all: .venv/checked  ## Remake what changed, then say what there is
	@dvc repro
	@python -m stages.summary

test: .venv/installed-test  ## Run the tests
	@python -m pytest --numprocesses auto --dist worksteal

lint: .venv/installed-test ship-check  ## Check format, lint, types, layers and shipped weights
	@ruff format --check .
	@ruff check .
	@mypy
	@lint-imports --no-logo

audit: .venv/checked  ## Run each stage with what it declares alone: the same bytes? (it trains: minutes)
	@python -m stages.audit

ship: .venv/installed  ## Stage the trained artifacts of dvc.lock for commit
	@python -m stages.ship

ship-check: .venv/installed  ## Verify that git holds the trained artifacts, whole
	@python -m stages.ship --check

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

clean:  ## Remove the virtual environment and tool caches, but no artifact
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info

# The environment is remade when what it is made from changes.
.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Looking Glass needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(PIP_INSTALL) -e .
	@touch $@

.venv/installed-test: .venv/installed
	$(PIP_INSTALL) --quiet -e '.[test]'
	@touch $@

# `dvc repro` skips a stage whose section did not change, so the whole file is checked first.
.venv/checked: .venv/installed params.yaml lookingglass/params.py $(wildcard stages/*.py stages/*/*.py)
	@python -m stages.check
	@touch $@

# Everything below works on a machine with Python 3.11 (to 3.13) and nothing else prepared.
#
#   make demo [ARGS=--no-serve]    the demo world, run and shown
#   make test [ARGS="-k words"]    the tests that this machine can run; says what it skipped
#   make check                     style, types, directions of imports
#   make fast                      adds numba, for the index and for the tests of it
#   make spark | clickhouse        adds an engine (Spark needs Java 17) for the tests to find
#   make soak | bench | docs       long batteries | figures side by side | the examples of the docs

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
JOBS ?= auto
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for one in python3.11 python3 python3.12 python3.13 python; do \
	command -v $$one >/dev/null 2>&1 && $$one -c '$(SUPPORTED)' >/dev/null 2>&1 && echo $$one && break; done)
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes

.DEFAULT_GOAL := help
.PHONY: help demo test check fast spark clickhouse soak bench docs requirements clean

help:
	@sed -n '3,8s/^#   //p' Makefile

# --- set-up: each stamp is redone when what it came from changes ---------------------------------

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Holbein needs Python 3.11, 3.12 or 3.13; say where: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setting up $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "no venv: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }

$(VENV)/.core: requirements/core.txt requirements/build.txt pyproject.toml hatch_build.py | $(BIN)/python
	@echo "installing what Holbein needs" >&2
	@$(INSTALL) -r requirements/core.txt -r requirements/build.txt
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.fast: requirements/fast.txt $(VENV)/.core
	@echo "installing numba (about 210 MB), which makes counting fast" >&2
	@$(INSTALL) -r requirements/fast.txt
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.core
	@echo "installing what the tests need" >&2
	@$(INSTALL) -r requirements/test.txt
	@touch $@

$(VENV)/.spark: requirements/spark.txt $(VENV)/.test
	@echo "installing Spark (about 450 MB)" >&2
	@$(INSTALL) -r requirements/spark.txt
	@touch $@

$(VENV)/.clickhouse: requirements/clickhouse.txt $(VENV)/.test
	@echo "installing ClickHouse (about 530 MB)" >&2
	@$(INSTALL) -r requirements/clickhouse.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.test
	@echo "installing what the benchmarks compare with (about 930 MB)" >&2
	@$(INSTALL) -r requirements/bench.txt
	@touch $@

# --- what people ask for -------------------------------------------------------------------------

demo: $(VENV)/.fast
	@$(BIN)/holbein demo demo-world $(ARGS)

test: $(VENV)/.test
	@$(BIN)/python -m pytest -n $(JOBS) -q $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: $(VENV)/.fast

spark: $(VENV)/.spark

clickhouse: $(VENV)/.clickhouse

soak: $(VENV)/.test
	@HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "soak or hypothesis" -q -s $(ARGS)

bench: $(VENV)/.bench
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.test
	@$(BIN)/python -m pytest -q tests/unit/test_docs.py $(ARGS)

# Needs uv. No index is named in what it writes, so that any mirror serves.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"
requirements:
	$(COMPILE) pyproject.toml -o requirements/core.txt
	$(COMPILE) --group pyproject.toml:build -c requirements/core.txt -o requirements/build.txt
	$(COMPILE) pyproject.toml --group pyproject.toml:dev -c requirements/core.txt -c requirements/build.txt -o requirements/test.txt
	$(COMPILE) pyproject.toml --extra fast -c requirements/test.txt -o requirements/fast.txt
	$(COMPILE) pyproject.toml --extra spark -c requirements/test.txt -o requirements/spark.txt
	$(COMPILE) pyproject.toml --extra clickhouse -c requirements/test.txt -o requirements/clickhouse.txt
	$(COMPILE) pyproject.toml --group pyproject.toml:bench -c requirements/test.txt -c requirements/clickhouse.txt -c requirements/fast.txt -o requirements/bench.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Everything a person or a machine does with this checkout. `make help` lists it.
#
# `run`, `test`, `check` and `bench` first let packaging/prepare.sh install what is missing; when nothing is, that takes a
# moment. Whatever is installed for Python goes into .venv and .tools of this folder.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := $(or $(UV_PROJECT_ENVIRONMENT),.venv)/bin
# A real X server of a fixed size for what drives the window with mouse and keys.
DISPLAYED := env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb xvfb-run --auto-servernum --server-args='-screen 0 1600x1000x24'
# `make run ARGS='doctor'`, `make test ARGS='tests/lessons -k recipe'`
ARGS ?=

.PHONY: help run test check check-course check-parser bench format ready-to-run ready-to-test

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ready-to-run ## install what is missing and open the window (ARGS='…': Cowshed's own command line)
	@exec $(BIN)/cowshed $(ARGS)

test: ready-to-test ## install what is missing and run every test (ARGS='…': those pytest is told)
ifneq ($(ARGS),)
	QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(BIN)/pytest $(ARGS)
else
	QT_QPA_PLATFORM=offscreen COWSHED_REQUIRE_PRACTICE=1 $(BIN)/pytest -m 'not journey'
	COWSHED_REQUIRE_PRACTICE=1 $(DISPLAYED) $(BIN)/pytest -m journey
endif

check: ready-to-test ## formatting, lint, types, imports and the course's own proofs; changes nothing
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cowshed course check

check-course: ready-to-test ## do every step of the course for real in your practice cluster: an hour (ARGS='--lesson r')
	$(BIN)/cowshed practice up
	$(BIN)/cowshed practice add python r
	$(BIN)/cowshed course check --build --target practice $(ARGS)

check-parser: ready-to-test ## read 5,000 recipes, changed at random, beside the real Apptainer (COWSHED_MUTANTS=…, _SEED=…)
	COWSHED_MUTANTS=$${COWSHED_MUTANTS:-5000} COWSHED_REQUIRE_PRACTICE=1 $(BIN)/pytest tests/lab/test_parser_against_apptainer.py

format: ready-to-test ## put the code into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: ready-to-test ## measure against the budgets of the design; prints ratios
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest tests/benchmarks --override-ini=python_files='bench_*.py' --override-ini=python_functions='bench_*' --timeout=0 --capture=no --quiet

ready-to-run:
	@packaging/prepare.sh run

ready-to-test:
	@packaging/prepare.sh test

# Everything here needs Python 3.11 or later and nothing else: tools go into .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8080
BIN := .venv/bin

.PHONY: help serve test lint bench clean

help:  ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

serve: .venv/serve.stamp  ## Serve the sample firm on 127.0.0.1 (PORT=8080)
	@exec $(BIN)/mock-ajera serve --port $(PORT)

test: .venv/dev.stamp lint  ## Check and test everything
	$(BIN)/python -m pytest tests contract_tests -q -n 2 --dist loadfile

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.stamp  ## Measure, and print ratios
	$(BIN)/python -m benchmarks

clean:  ## Remove what was made
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/serve.stamp: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/dev.stamp: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ .venv/serve.stamp

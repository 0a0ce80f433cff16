# Requires Python 3.11 or newer. Everything else is installed into .venv.
VENV := .venv
PORT := 8080
# The active Python is preferred, if it is new enough.
PYTHON := $(shell for each in python3 python python3.14 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SERVES := $(VENV)/.installed
CHECKS := $(VENV)/.installed-dev

.PHONY: help serve check test shipped recipes lint pages bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.* ## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 16

serve: $(SERVES) ## serve the sample firm on 127.0.0.1 (PORT=8080)
	@exec $(BIN)/mock-ajera serve --port $(PORT)

check: $(SERVES) ## check in seconds that the installation works
	@$(BIN)/mock-ajera check

test: lint ## run all linters and tests, for developers of mock-ajera (five minutes)
	$(BIN)/python -m pytest tests contract_tests --ignore tests/shipped -q -n 2 --dist loadfile --no-loadscope-reorder

shipped: $(CHECKS) ## test the package, the image, the docs, and the suite against other targets
	$(BIN)/python -m pytest tests/shipped -q -n 2 --dist loadfile --no-loadscope-reorder

recipes: ## run all recipes of the docs under Python 3.12 or newer (PYTHON=/path/to/python)
	@.ci/recipes

lint: $(CHECKS) ## run the linters and the type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@if [ -x $(BIN)/hadolint ]; then echo hadolint Dockerfile; $(BIN)/hadolint Dockerfile; fi

pages: $(CHECKS) ## rewrite the generated parts of the docs
	@$(BIN)/python -m tools.pages

bench: $(CHECKS) ## run the benchmarks and print the ratios
	@$(BIN)/python -m benchmarks

clean: ## remove installed, built and cached files
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed and was not found; try make PYTHON=/path/to/it" >&2; exit 1; fi
	"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# The package is installed in editable mode, so only a change of pyproject.toml requires a new installation.
$(SERVES): pyproject.toml | $(BIN)/python
	$(PIP) install --editable .
	@touch $@

$(CHECKS): pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[dev]'
	@touch $(SERVES) $@

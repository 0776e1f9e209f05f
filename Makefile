# Analytics Engine. `make help` lists what can be done here.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps

.DEFAULT_GOAL := help
.PHONY: help setup up test check lint types layers unit lock ui clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: Python 3.11 or newer is needed, $(PYTHON) is older"; echo "remedy: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "error: this Python cannot make virtual environments"; echo "remedy: apt-get install python3-venv"; rm -rf $(VENV); exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(STAMPS)/runtime: requirements.lock pyproject.toml | $(BIN)/uv
	@mkdir -p $(STAMPS)
	@echo "Installing what the product needs ..."
	@test -f $(STAMPS)/dev || $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(STAMPS)/dev: requirements-dev.lock pyproject.toml | $(BIN)/uv
	@mkdir -p $(STAMPS)
	@echo "Installing what the tests need ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@ $(STAMPS)/runtime

setup: $(STAMPS)/dev ## Install everything for development

up: $(STAMPS)/runtime ## Run the whole system on this machine (ARGS="--port-offset 100", "--help", ...)
	@$(MAKE) --no-print-directory ui || echo "The web application could not be built (see above); going on without a new one."
	@$(BIN)/analytics-engine up $(ARGS)

ui: ## Build the web application, when npm is there
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(STAMPS)/ui; \
	 elif test ! -f ui/dist/index.html; then \
	  echo "The web application is not built: npm was not found. Everything else works without it."; \
	  echo "remedy: install Node.js 20 or newer (https://nodejs.org), then run this again"; fi

$(STAMPS)/ui: $(shell find ui -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)
	@mkdir -p $(STAMPS)
	@echo "Building the web application ..."
	@cd ui && npm ci --no-audit --no-fund --loglevel=error && npm run build --silent
	@touch $@

lock: | $(BIN)/uv ## Resolve the newest versions into the lock files
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade pyproject.toml --group dev -o requirements-dev.lock

clean: ## Remove what was built here (data of the running system stays)
	rm -rf $(VENV) $(STAMPS) ui/node_modules ui/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

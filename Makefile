# Analytics Engine. `make help` lists what can be done here.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
WORKERS ?= 2
UV_VERSION := 0.13.9
# A service imports what was compiled before in half the time, and ten programs start here at once.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup up test check format pytest bench fuzz soak soak-backup soak-doctor soak-events soak-upgrade browser timescaledb azurite nats prometheus asyncapi containers kubectl ui ui-check docs lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: Python 3.11 or newer is needed, $(PYTHON) is older"; echo "remedy: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "error: this Python cannot make virtual environments"; echo "remedy: apt-get install python3-venv"; rm -rf $(VENV); exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

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

test: setup check ui-check browser timescaledb azurite nats prometheus asyncapi kubectl pytest ## Set everything up and run every check and test

check: setup ## Look at the code without running it: format, lint, types, layers
	@$(BIN)/ruff format --quiet --check . || { echo "remedy: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

format: setup ## Bring the code into the standard layout
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

pytest: setup ## Run the Python tests (ARGS="tests/unit -k name")
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

fuzz: setup ## Try 100,000 hostile formulas and queries on the compiler (AE_FUZZ_INPUTS=...)
	@AE_FUZZ_INPUTS=$${AE_FUZZ_INPUTS:-100000} $(BIN)/python -m pytest tests/fuzz -n $(WORKERS) --dist loadgroup

soak: setup ## Live thousands of random histories, ask thousands of questions, kill all that loads and runs jobs (hours)
	@AE_HISTORIES=$${AE_HISTORIES:-10000} $(BIN)/python -m pytest tests/integration/rollups/test_histories.py tests/integration/rollups/test_archived_histories.py -n $(WORKERS) --dist loadgroup
	@AE_RANDOM_QUESTIONS=10000 $(BIN)/python -m pytest tests/differential/test_engines_agree.py -k "postgres or duckdb"
	@AE_RANDOM_QUESTIONS=2000 $(BIN)/python -m pytest tests/differential/test_engines_agree.py -k "clickhouse or spark"
	@AE_ALERT_HISTORIES=$${AE_ALERT_HISTORIES:-50} $(BIN)/python -m pytest tests/integration/alerts/test_replay.py
	@AE_KILL_ROUNDS=$${AE_KILL_ROUNDS:-50} $(BIN)/python -m pytest tests/integration/rollups/test_kills.py -s
	@AE_JOB_KILLS=$${AE_JOB_KILLS:-60} $(BIN)/python -m pytest tests/integration/jobs/test_kills.py -s --timeout 3600

soak-backup: setup ## Back up and restore 1.5 GB, to all there is and to a moment, after the server was killed (minutes)
	@AE_BACKUP_MIB=$${AE_BACKUP_MIB:-1500} $(BIN)/python -m pytest tests/integration/backups/test_server_dies.py -s --timeout 3600

soak-events: setup ## Send 100,000 events while all they go through is killed, emptied, restarted and cut off (an hour)
	@AE_EVENTS_UNDER_KILLS=$${AE_EVENTS_UNDER_KILLS:-100000} $(BIN)/python -m pytest tests/integration/messaging/test_events_under_kills.py -s

bench: setup ## Measure compiling, and the SQL beside the best written by hand (ARGS="--rows 10000000 --record")
	@$(BIN)/python benchmarks/compile.py $(filter --record,$(ARGS))
	@$(BIN)/python benchmarks/dashboard.py $(ARGS)
	@$(BIN)/python benchmarks/rollups.py $(ARGS)

soak-doctor: setup ## Break a running system in all ways that the doctor knows (ten minutes)
	@AE_DOCTOR_FAULTS=all $(BIN)/python -m pytest tests/integration/doctor/test_faults.py

soak-upgrade: setup ## Upgrade and go back under 100 requests a second (AE_UPGRADE_REQUESTS_PER_S=...)
	@AE_UPGRADE_REQUESTS_PER_S=$${AE_UPGRADE_REQUESTS_PER_S:-100} $(BIN)/python -m pytest tests/system/test_rolling_upgrade.py

browser: ## Install Chromium for the browser tests, where this machine lets us
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || \
	 { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing Chromium ..." && \
	   apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1; } || \
	 echo "NOT RUN: browser tests (Chromium is not here, and only root may install it with apt-get)"

timescaledb: setup ## Build TimescaleDB for the database tests, where this machine lets us
	@PYTHONPATH=tests $(BIN)/python -m support.timescaledb

azurite: setup ## Install Azurite for the tests of blob storage, where npm is there
	@PYTHONPATH=tests $(BIN)/python -m support.azurite

nats: setup ## Fetch NATS for the tests of events on it, where this machine lets us
	@PYTHONPATH=tests $(BIN)/python -m support.nats

prometheus: setup ## Fetch Prometheus and Alertmanager for the tests of monitoring, where this machine lets us
	@PYTHONPATH=tests $(BIN)/python -m support.prometheus

asyncapi: setup ## Fetch the schema that the AsyncAPI document is checked by, where npm is there
	@PYTHONPATH=tests $(BIN)/python -m support.asyncapi

kubectl: setup ## Fetch kubectl for the tests of the manifests, where this machine lets us
	@PYTHONPATH=tests $(BIN)/python -m support.kubectl
containers: setup ## Run the compose deployment on a container engine of its own, where this machine lets us (ARGS="-k name")
	@PYTHONPATH=tests $(BIN)/python -m support.container_engine $(ARGS)

ui-check: ui ## Check the web application: types, lint, format, component tests
	@if command -v npm >/dev/null; then cd ui && npm run --silent check; \
	 else echo "NOT RUN: checks of the web application (npm is not here)"; fi

up: $(STAMPS)/runtime ## Run the whole system on this machine (ARGS="--port-offset 100", "--help", ...)
	@$(MAKE) --no-print-directory ui || echo "The web application could not be built (see above); going on without a new one."
	@$(BIN)/analytics-engine up $(ARGS)

ui: ## Build the web application, when npm is there
	@if command -v npm >/dev/null; then $(MAKE) --silent --no-print-directory $(STAMPS)/ui; \
	 elif test ! -f ui/dist/index.html; then \
	  echo "The web application is not built: npm was not found. Everything else works without it."; \
	  echo "remedy: install Node.js 20 or newer (https://nodejs.org), then run this again"; fi

$(STAMPS)/ui: $(shell find ui -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)
	@mkdir -p $(STAMPS)
	@echo "Building the web application ..."
	@cd ui && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error && npm run build --silent
	@touch $@

docs: setup ## Write the generated parts of docs/ anew
	@$(BIN)/python -c 'import pathlib; from analytics_engine.kpi.formula.reference import with_reference; \
	  page = pathlib.Path("docs/reference/kpi-language.md"); page.write_text(with_reference(page.read_text()))'
	@$(BIN)/python -c 'import pathlib; from analytics_engine.cli.main import app; \
	  from analytics_engine.cli.reference import command_reference; from analytics_engine.doctor.reference import with_checks; \
	  pathlib.Path("docs/reference/command-line.md").write_text(command_reference(app)); \
	  page = pathlib.Path("docs/howto/diagnose.md"); page.write_text(with_checks(page.read_text()))'

lock: | $(BIN)/uv ## Resolve the newest versions into the lock files
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade pyproject.toml --group dev -o requirements-dev.lock

clean: ## Remove what was built here (data of the running system stays)
	rm -rf $(VENV) $(STAMPS) ui/node_modules ui/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

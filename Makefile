# Two commands are enough: `make up` shows a moving demo retailer, `make test` proves the rest.
# Needs Python 3.11 or newer and nothing else; uses uv instead of pip where it is installed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell \
  command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  2>/dev/null && echo $(name))))
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)
INSTALL = $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install \
  --quiet --disable-pip-version-check)
ARGS ?=

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.PHONY: up
up: setup ## start everything with a demo retailer; options: make up ARGS="--no-demo --port 8001"
	@exec $(BIN)/shelfcast up $(ARGS)

.PHONY: setup
setup: .venv/.ready ## install all that `make up` needs

.PHONY: test
test: .venv/.ready-dev .venv/.chromium .venv/.openid-client ## run the tests; options: make test ARGS=tests/launcher
ifeq ($(ARGS),)
	$(BIN)/python -m pytest --ignore tests/system -n logical --maxprocesses 4 --dist loadfile
	$(BIN)/python -m pytest tests/system
else
	$(BIN)/python -m pytest $(ARGS)
endif

.PHONY: check
check: .venv/.ready-dev ## formatting, lint, types, layers, schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/shelfcast schema | diff -u schema.graphql -

.PHONY: bench
bench: .venv/.ready-dev .venv/.chromium ## measure: a table on the terminal and JSON
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: pictures
pictures: .venv/.ready-dev .venv/.chromium ## take pictures of every page; options: make pictures ARGS="--pages wall --sizes phone"
	$(BIN)/python -m tools.pictures $(ARGS)

.PHONY: assets
assets: ## rebuild the vendored front-end files (needs Node)
	cd tools/assets && npm ci && npm run build

.PHONY: lock
lock: .venv/.ready-dev ## resolve the dependencies anew, all with hashes
	tools/lock $(ARGS)

.PHONY: clean
clean: ## remove the virtual environment and caches; data folders stay
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .coverage htmlcov dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.ready: requirements/all.txt requirements/build.txt pyproject.toml | .venv/bin/python
	$(INSTALL) --require-hashes -r requirements/all.txt -r requirements/build.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.ready-dev: requirements/dev.txt .venv/.ready
	$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# An OAuth client of others; its tests are skipped where there is no Node.
.venv/.openid-client: tests/backend/identity/oauth/openid_client/package-lock.json | .venv/.ready-dev
	! command -v npm >/dev/null || npm ci --silent --prefix $(<D)
	@touch $@

# A browser for the tests: one that is there, else the system's package as root, else Playwright's.
.venv/.chromium: | .venv/.ready-dev
	tools/install-chromium
	@touch $@

# The register of IMRF pledges. `make help` lists what can be made.
#
# PORT and PLEDGES_DATA are honoured by `make run`; with DATABASE_URL set, that PostgreSQL is used
# instead of the embedded one, by `make run` and by `make test`.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python on this machine that is recent enough.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUN_STAMP := .venv/.set-up-to-run
SETUP_STAMP := .venv/.set-up
# Servers that tests speak with, apart from everything else.
PEERS := .venv/peers
PEERS_STAMP := .venv/.peers

.PHONY: help
help: ## lists what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(SETUP_STAMP) ## makes .venv with everything to run, test and check

.PHONY: run
run: $(RUN_STAMP) ## runs the register with sample pledges on http://127.0.0.1:8000 (PORT=…, PLEDGES_DATA=…)
	@exec $(BIN)/pledges serve --sample

.PHONY: test
test: $(SETUP_STAMP) ## runs all tests on all cores (TESTS=tests/domain for a part, ARGS=-x for pytest's options)
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile $(ARGS) $(TESTS)

.PHONY: check
check: $(SETUP_STAMP) ## style, types, import rules, dependencies, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@echo "$(BIN)/lint-imports"; said=$$($(BIN)/lint-imports --no-cache) || { echo "$$said"; exit 1; }
	$(BIN)/deptry .
	@if [ -d web/templates ]; then echo "$(BIN)/djlint web/templates --lint --quiet"; \
		$(BIN)/djlint web/templates --lint --quiet; fi

.PHONY: messages
messages: $(SETUP_STAMP) ## gathers the strings of the pages, and brings each language's messages.po up to them
	$(BIN)/pybabel --quiet extract --mapping-file=web/translations/babel.cfg --project=pledges --no-wrap \
		--keyword=lazy_gettext --keyword=lazy_pgettext:1c,2 --add-location=file --sort-by-file --omit-header \
		--ignore-dirs=".*" --output-file=web/translations/messages.pot .
	$(BIN)/pybabel --quiet update --input-file=web/translations/messages.pot --output-dir=web/translations \
		--no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

.PHONY: lock
lock: ## resolves the lock files again (needs uv; UPGRADE=1 takes the newest versions)
	uv pip compile --quiet $(LOCK_OPTIONS) --group install -o requirements.txt pyproject.toml
	uv pip compile --quiet $(LOCK_OPTIONS) --group install --group dev -c requirements.txt \
		-o requirements-dev.txt pyproject.toml
	uv pip compile --quiet $(LOCK_OPTIONS) --group peers -o requirements-peers.txt

# No address is written down: whoever installs asks the index of their own choice, and the hashes decide.
LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean: ## removes .venv and what tools have cached
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed and was not found (name one with PYTHON=…)." >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN_STAMP): requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(SETUP_STAMP): $(RUN_STAMP) requirements-dev.txt $(PEERS_STAMP)
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(PEERS_STAMP): requirements-peers.txt | $(BIN)/python
	$(BIN)/python -m venv --without-pip $(PEERS)
	$(PIP) --python $(PEERS)/bin/python install --require-hashes -r requirements-peers.txt
	@touch $@

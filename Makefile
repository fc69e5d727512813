# make run    sets up what is missing and serves on http://127.0.0.1:8000;
#             make run HOST=0.0.0.0 PORT=8123 lets phones in, on another port
# make test   sets up what is missing and runs all tests
# make test-scale   several nodes on real servers, some of which are killed, for MINUTES=2;
#             docs/scaling.md says what its figures mean
# make bench  measures speed and memory, and writes docs/benchmarks.md
# make catalogues   brings the translations up to date; CONTRIBUTING.md says how to translate
# make lock   after a change of a requirements*.txt: pins what they need in turn, with hashes

# Only from the command line: the environment may hold a HOST or PORT that means another thing.
OPTIONS := $(if $(filter command line,$(origin HOST)),--host $(HOST)) \
	$(if $(filter command line,$(origin PORT)),--port $(PORT))
# The first Python from 3.11 on that is on the PATH.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"

.PHONY: run test test-scale bench catalogues lock
.DEFAULT_GOAL := run

run: .venv/installed
	$(BIN)/python -m webapp $(OPTIONS)

test: .venv/installed-for-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest

test-scale: .venv/installed-for-tests
	$(BIN)/python -m tests.scale $(if $(MINUTES),--minutes $(MINUTES))

bench: .venv/installed-for-tests
	$(BIN)/python -m bench

catalogues: .venv/installed-for-tests
	$(BIN)/python -m webapp.translations

# Versions that are pinned already stay as they are.
lock: .venv/installed
	$(INSTALL) uv
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements.txt requirements-test.txt --output-file requirements-test.lock

.venv/installed: requirements.lock
	@test -n "$(PYTHON)" || { echo "Inkling needs Python 3.11 or newer; none was found."; exit 1; }
	@echo "Setting up .venv with $(PYTHON): takes a minute the first time."
	$(PYTHON) -m venv .venv
	$(INSTALL) --require-hashes -r requirements.lock
	touch $@

.venv/installed-for-tests: .venv/installed requirements-test.lock
	$(INSTALL) --require-hashes -r requirements-test.lock
	touch $@

# Every command of the project; `make run` and `make test` work from a fresh clone.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
CORPUS ?= ../shared/corpus
OUT ?= demo-out
INPUTS ?= 5000
SEED ?= 1
BIN = .venv/bin
export PYTHONDONTWRITEBYTECODE = 1

.PHONY: help run setup setup-dev test test-fast check format bench corpus fuzz bitflips panduan demo translations lock

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## / - /'

run: setup  ## from a fresh clone to a running service: web and worker on http://HOST:PORT
	SURAT_BASE_URL="$${SURAT_BASE_URL:-http://$(HOST):$(PORT)}" $(BIN)/python -m signer serve --host $(HOST) --port $(PORT)

setup: .venv/runtime  ## .venv with the locked dependencies

setup-dev: .venv/dev  ## the same with what tests and checks need, tools included
	sh tests/tools.sh

test: setup-dev  ## all tests: fast ones first, then PostgreSQL and the browser journeys
	$(BIN)/pytest -n 2 -m "not journey"
	$(BIN)/pytest -m journey

test-fast: setup-dev  ## the tests one runs while writing
	$(BIN)/pytest -n 2 -m "not journey and not postgres and not slow"

check: .venv/dev  ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev  ## ruff's formatting
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: .venv/dev  ## tables on screen, benchmarks/results.json
	$(BIN)/python -m benchmarks

corpus: .venv/dev  ## the verifier over a folder of PDFs as in corpus/README.md: CORPUS=DIR
	$(BIN)/python tests/corpus.py $(CORPUS)

fuzz: .venv/dev  ## the long fuzz run over the verifier: INPUTS, SEED
	$(BIN)/python tests/fuzz.py --inputs $(INPUTS) --seed $(SEED)

bitflips: .venv/dev  ## every bit of one of our letters flipped, one at a time (hours)
	$(BIN)/python tests/bitflips.py

panduan: setup-dev  ## the guides' pictures into docs/panduan/, from running services
	$(BIN)/python -m tests.panduan

demo: setup  ## the seven steps without a server, into OUT
	$(BIN)/python -m signer demo --out $(OUT)

translations: .venv/dev  ## take new texts into translations/ and compile; then fill in what is empty and run again
	$(BIN)/python -m babel.messages.frontend -q extract -F translations/babel.cfg --no-wrap --add-location=file --omit-header -o translations/messages.pot .
	$(BIN)/python -m babel.messages.frontend -q update -i translations/messages.pot -d translations --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	$(BIN)/python -m babel.messages.frontend -q compile -d translations
	rm translations/messages.pot

lock: .venv/dev  ## write the lock files anew (needs uv on the PATH)
	uv pip compile requirements.in --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	uv pip compile requirements-dev.in --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: requirements.lock | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

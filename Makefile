# `make serve` and `make test` are all that a newcomer needs: Python 3.11 or newer, make, and a package index.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
CODE := api service models tests bench
UV := uv==0.13.9
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(UPGRADE)

MINUTES ?= 10
SECONDS ?= 180
SEED ?= 1

# The first interpreter on the path that runs and is new enough (evaluated only when .venv is made).
PYTHON ?= $(or $(firstword $(foreach candidate,python3 python3.13 python3.12 python3.11 python3.14,\
	$(shell $(candidate) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(candidate)))),\
	$(error Python 3.11 or newer is needed; give its path with PYTHON=...))

.PHONY: serve test fuzz soak check lint types imports image security audit sbom fmt bench lock report telemetry openapi \
	golden clean
.DEFAULT_GOAL := serve

serve: $(VENV)/.runtime ## serve on SQLite; CLONIDINE_WATCH_* in the environment rule
	@exec $(BIN)/clonidine-watch serve

test: $(VENV)/.development ## the whole suite, on SQLite and on a PostgreSQL that the tests start
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile $(ARGS)

fuzz: $(VENV)/.development ## requests and bodies that nobody sends in good faith, for MINUTES
	$(BIN)/python -m pytest tests/fuzz --fuzz-minutes $(MINUTES) $(ARGS)

soak: $(VENV)/.development ## processes and databases killed under load, SECONDS each, three storms: what was lost?
	$(BIN)/python -m tests.soak --seconds $(SECONDS) --seed $(SEED) $(ARGS)

check: lint types imports image security audit ## what must hold of the text itself; --keep-going tells all that does not

lint: $(VENV)/.development
	$(BIN)/ruff check --quiet $(wildcard $(CODE))
	$(BIN)/ruff format --quiet --check $(wildcard $(CODE))

types: $(VENV)/.development
	$(BIN)/mypy --no-error-summary

imports: $(VENV)/.development
	$(BIN)/lint-imports --no-logo

image: $(VENV)/.development
	$(BIN)/hadolint Dockerfile

# B101: an assert tells the type checker what a reader knows, and none checks input. B608: models/store is the one place
# of SQL, statements put together from names of our own, values bound; elsewhere it is looked for.
security: $(VENV)/.development
	$(BIN)/bandit --quiet --recursive --skip B101 --exclude models/store api service models
	$(BIN)/bandit --quiet --recursive --skip B101,B608 models/store

audit: $(VENV)/.development ## known vulnerabilities of what is locked; says so where advisories cannot be had
	@$(BIN)/python .ci/audit requirements.txt requirements-report.txt requirements-telemetry.txt

sbom: $(VENV)/.development ## sbom.cdx.json: what the image consists of, as CycloneDX, from the lock
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --mc-type application \
		--output-reproducible --of JSON -o sbom.cdx.json

fmt: $(VENV)/.development ## put the code into shape
	$(BIN)/ruff check --quiet --fix-only $(wildcard $(CODE))
	$(BIN)/ruff format --quiet $(wildcard $(CODE))

bench: $(VENV)/.development ## the measurements of docs/reference/performance.md
	$(BIN)/python -m bench $(ARGS)

report: requirements-report.txt $(VENV)/.runtime ## what `clonidine-watch evaluate --report` draws with
	$(PIP) --require-hashes -r requirements-report.txt

telemetry: requirements-telemetry.txt $(VENV)/.runtime ## what `CLONIDINE_WATCH_TELEMETRY=otlp` sends traces with
	$(PIP) --require-hashes -r requirements-telemetry.txt

openapi: $(VENV)/.runtime ## print the OpenAPI document
	@$(BIN)/clonidine-watch openapi

golden: $(VENV)/.development ## write anew what is generated: golden files, recorded answers, reference pages
	$(BIN)/python -m tests.docs.write

# One file for the service, two that add what reports draw with and what traces are sent with, one that adds what
# development needs, one for the build back end alone.
lock: $(VENV)/.development ## write the locks anew; UPGRADE=--upgrade takes newer versions
	$(PIP) $(UV)
	$(COMPILE) -o requirements.txt pyproject.toml
	$(COMPILE) -o requirements-report.txt -c requirements.txt --extra report pyproject.toml
	$(COMPILE) -o requirements-telemetry.txt -c requirements.txt --extra telemetry pyproject.toml
	$(COMPILE) -o requirements-dev.txt -c requirements-report.txt -c requirements-telemetry.txt \
		--extra report --extra telemetry --group dev pyproject.toml
	echo 'setuptools>=80' | $(COMPILE) -o requirements-build.txt -

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.created:
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt requirements-build.txt pyproject.toml $(VENV)/.created
	$(PIP) --require-hashes -r requirements.txt -r requirements-build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

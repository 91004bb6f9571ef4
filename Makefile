# Menpai. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PAGES := $(BIN)/python hatch_build.py # builds what changed under web/

.PHONY: help run test check structure proof image mutants bench client regions audit lock clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 18

run: $(VENV)/run.stamp ## the account centre on http://127.0.0.1:8000, everything embedded
	@$(PAGES)
	@exec $(BIN)/menpai run

test: $(VENV)/test.stamp ## everything, on SQLite and on PostgreSQL + Redis + Celery
	@$(PAGES)
	@exec $(BIN)/python -m tests

check: $(VENV)/test.stamp ## lint, types, import rules, migrations, the pages' types and weight
	@$(PAGES)
	@exec $(BIN)/python -m tests.check

structure: $(VENV)/test.stamp ## the structure's figures and their goals: layers, cycles, lines, fan-out
	@exec $(BIN)/python -m tests.structure

proof: $(VENV)/proof.stamp $(VENV)/regions.stamp ## the long figures: races, kills, faults, the model, fuzzing, times
	@$(PAGES)
	@$(BIN)/python -m tests.proof
	@BASE=$(BASE) $(BIN)/python -m tests.image

image: $(VENV)/test.stamp ## the container image, built and tried (BASE=mmdebstrap: without a registry)
	@BASE=$(BASE) $(BIN)/python -m tests.image

mutants: $(VENV)/proof.stamp ## small wrongs in the modules that matter most: do the tests see them?
	@exec $(BIN)/python -m tests.mutants

bench: $(VENV)/test.stamp ## speeds, as ratios to a reference in the same run
	@$(PAGES)
	@exec $(BIN)/python -m bench

client: $(VENV)/test.stamp ## the pages' types, from the OpenAPI document of /api
	@exec $(BIN)/python -m tests.client

regions: $(VENV)/regions.stamp ## the edition of the regions of China that ships, from pinned packages
	@$(VENV)-regions/bin/python -m regions

audit: $(VENV)/audit.stamp ## known vulnerabilities of what we depend on, and the bill of materials
	@$(VENV)-audit/bin/python -m tests.vulnerabilities

lock: ## new versions into requirements/ (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet \
		--custom-compile-command "make lock" pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
		--custom-compile-command "make lock" pyproject.toml requirements/build.in --group test \
		-c requirements/run.txt -o requirements/test.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
		--custom-compile-command "make lock" pyproject.toml requirements/build.in --group test --group proof \
		-c requirements/test.txt -o requirements/proof.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet \
		--custom-compile-command "make lock" requirements/audit.in -o requirements/audit.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-deps --quiet \
		--custom-compile-command "make lock" requirements/regions.in -o requirements/regions.txt

clean: ## what `make` made; the data in var/ stays
	rm -rf $(VENV) $(VENV)-audit $(VENV)-regions web/node_modules menpai/static/menpai/app dist .mypy_cache .ruff_cache .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. 需要 Python 3.11 或更高版本。"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is needed (Debian: apt-get install python3-venv). 需要 venv 模块。"; exit 1; }

# Locked versions with hashes; then the project itself, built with what the lock installed and nothing else.
define install
	@echo "正在安装… · Installing $(1)…"
	@$(PIP) install --require-hashes -r requirements/$(1).txt
	@$(PAGES)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
endef

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	$(call install,run)

$(VENV)/test.stamp: requirements/test.txt pyproject.toml | $(BIN)/python
	$(call install,test)
	@$(BIN)/python -m tests.rig.browser
	@touch $(VENV)/run.stamp

$(VENV)/proof.stamp: requirements/proof.txt $(VENV)/test.stamp
	$(call install,proof)

$(VENV)/audit.stamp: requirements/audit.txt | $(BIN)/python
	@$(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/audit.txt
	@touch $@

$(VENV)/regions.stamp: requirements/regions.txt | $(BIN)/python
	@$(PYTHON) -m venv $(VENV)-regions
	@$(VENV)-regions/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r requirements/regions.txt
	@touch $@

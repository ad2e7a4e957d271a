# The same targets for people, the README and CI. `make setup` does nothing when requirements.lock is unchanged.
SHELL := /bin/bash
PYTHON := .venv/bin/python
UNDRING := .venv/bin/undring

# Real data that tests and examples may use: a folder beside the repository, or what `make data` fetched.
ifndef UNDRING_DATA
UNDRING_DATA := $(firstword $(wildcard $(CURDIR)/../shared/data $(CURDIR)/data))
endif
ifneq ($(UNDRING_DATA),)
export UNDRING_DATA
endif

# Nothing dials out: no telemetry from Prefect or Great Expectations.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export GX_ANALYTICS_ENABLED := false

SETS ?= 20
RUNS ?= 20

.DEFAULT_GOAL := help
.PHONY: help setup demo test golden bench simulate traps attack peers data nightly example-nafld example-diabetes130 example-danish_diabetes example-nhanes lint format fuzz

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-20s %s\n", $$1, $$2}' Makefile

setup: ## the environment from requirements.lock (nothing to do when it is unchanged)
	@tools/setup.sh

demo: setup ## a synthetic municipality, the whole way, to a report
	@$(UNDRING) demo

test: setup ## every test
	@$(PYTHON) -m pytest --durations=15

golden: setup ## write the agreed pages anew; review the diff
	@UNDRING_GOLDEN=1 $(PYTHON) -m pytest tests/reports/test_golden.py

bench: setup ## the figures of the README, paired with peers
	@$(PYTHON) -m benchmarks

simulate: setup ## the statistical promises, and their figures (SETS=20 data sets of each shape; docs/discovery.md has more)
	@$(PYTHON) -m pytest tests/simulation
	@$(PYTHON) -m benchmarks.simulate $(SETS) --only null --lock 0.3
	@$(PYTHON) -m benchmarks.simulate $(SETS) --only true --compare
	@$(PYTHON) -m benchmarks.simulate $(SETS) --curve
	@$(PYTHON) -m benchmarks.several $(SETS)
	@$(PYTHON) -m benchmarks.coverage $(SETS)
	@if [ -n "$$UNDRING_DATA" ]; then $(PYTHON) -m benchmarks.gametes; fi

traps: setup ## fifteen traps of registers, each with its guard on and off; writes docs/traps.md (RUNS=20; 100 takes half an hour)
	@$(PYTHON) -m benchmarks.traps $(RUNS) --write

attack: setup ## every attacker, and one table of what each got (docs/privacy.md has it too)
	@$(PYTHON) tools/attack_table.py

peers: setup ## our privacy figures beside anonymeter's and pycanon's, in an environment of their own
	@$(PYTHON) tools/peers.py

fuzz: setup ## nonsense for five minutes each: the portal as every role, any bytes as a register's file, any files for init
	@UNDRING_FUZZ=300 $(PYTHON) -m pytest -q tests/pipelines/test_bad_files.py -k any_bytes
	@UNDRING_FUZZ=300 $(PYTHON) -m pytest -q tests/pipelines/test_init_any_file.py
	@$(PYTHON) tools/fuzz_portal.py 300

data: setup ## public data sets for the examples, from Debian's R packages, into data/
	@$(PYTHON) tools/fetch_data.py

nightly: setup ## a Prefect server and a worker on loopback, one night on the demo, its state
	@$(PYTHON) tools/nightly.py

example-nafld: setup ## the study on the nafld cohort (needs data: make data)
	@$(UNDRING) run examples/nafld

example-diabetes130: setup ## the study on the diabetes130 cohort (needs data)
	@$(UNDRING) run examples/diabetes130 --confirm --yes

example-danish_diabetes: setup ## the study on a sample of the Danish diabetes register (needs data: make data)
	@$(UNDRING) run examples/danish_diabetes

example-nhanes: setup ## the study on the American health survey (needs data)
	@$(UNDRING) run examples/nhanes

lint: setup ## ruff, mypy, import-linter, no CPR-shaped numbers
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports && \
		$(PYTHON) tools/no_cpr.py

format: setup ## let ruff lay out the code
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

# Everything lives in .venv; a target sets up what it needs, once, and again when
# pyproject.toml or constraints.txt change. Options for pytest: make test ARGS="-k letter -x"

PYTHON ?= python3
BIN    := .venv/bin
UV     := $(shell command -v uv 2>/dev/null)
ARGS   ?=

# Which extras each set-up holds; its stamp is .venv/ready-<set>.
extras-demo  := demo,attachments,console
extras-dev   := dev
extras-audit := dev,audit
extras-production := attachments cluster console gmail m365 mailauth oidc

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export UV_PYTHON_DOWNLOADS = never

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- Set-up ----------------------------------------------------------------------------------------

.PHONY: setup
setup: .venv/ready-dev ## Install everything for development into .venv

# What is installed for development serves the demo too.
.venv/ready-%: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing into .venv (extras: $(extras-$*)) ..."
ifdef UV
	@uv pip install --quiet --python $(BIN)/python -c constraints.txt -e ".[$(extras-$*)]"
else
	@$(BIN)/python -m pip install -qq -c constraints.txt -e ".[$(extras-$*)]"
endif
	@touch $@ $(if $(findstring dev,$(extras-$*)),.venv/ready-dev .venv/ready-demo)

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) here: install Python 3.11 or later, or say make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed, $(PYTHON) is $$($(PYTHON) -V 2>&1): say make PYTHON=python3.11 or the like" >&2; exit 1; }
ifdef UV
	@uv venv --quiet --python $(PYTHON) .venv
else
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) lacks its venv module: on Debian or Ubuntu, apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
endif

.PHONY: constraints
constraints: ## Resolve every extra anew and rewrite constraints.txt (from Python 3.11)
	@rm -rf build/resolve && $(PYTHON) -m venv build/resolve
	@build/resolve/bin/python -m pip install -qq -e ".[dev,oidc,m365,gmail,audit]"
	@{ head -n 2 constraints.txt; build/resolve/bin/python -m pip freeze -qq --exclude-editable; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt && rm -rf build/resolve

.PHONY: lock
lock: ## Pin what a production machine installs by hash: requirements.lock, from constraints.txt (needs uv)
	@uv pip compile --quiet pyproject.toml $(foreach extra,$(extras-production),--extra $(extra)) -c constraints.txt \
	  --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	  -o build/requirements.lock
	@{ echo "# What a production machine installs, by hash: pip install --require-hashes -r requirements.lock"; \
	  echo "# and then this project itself: pip install --no-deps . Renew with: make lock"; \
	  cat build/requirements.lock; } > requirements.lock

# --- See it ----------------------------------------------------------------------------------------

.PHONY: demo
demo: .venv/ready-demo ## Sample mails through real mail servers on this machine, start to finish
	@$(BIN)/python -m processor demo

# --- Trust it --------------------------------------------------------------------------------------

.PHONY: test
test: .venv/ready-dev ## Run the tests, in random order, on every core
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

.PHONY: lint
lint: .venv/ready-dev ## Style, types and layers
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: cover
cover: .venv/ready-dev ## Run the tests of the core: they must take every branch of it
	@$(BIN)/coverage erase
	@$(BIN)/coverage run --source=processor/core -m pytest -q tests/core tests/at_length $(CAMPAIGNS) $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

# Tests of the core that decide many mails, or take their time by design.
CAMPAIGNS := $(foreach name,determinism metamorphic noninterference patterns,--ignore=tests/at_length/test_$(name).py)

.PHONY: whole-worker
whole-worker: .venv/ready-dev ## 200 mails through real servers, and 200 more while the worker is killed 20 times
	@WHOLE_WORKER="200 20" $(BIN)/python -m pytest -q -p no:randomly tests/scenarios/test_whole_worker.py $(ARGS)

.PHONY: year
year: .venv/ready-dev ## A year of reminders, expiry and publication in five time zones
	@EVERY_ZONE=1 FOLLOW_UP_DAYS=366 $(BIN)/python -m pytest -q --timeout=1800 -p no:randomly tests/follow_up/test_year.py $(ARGS)

.PHONY: pauses
pauses: .venv/ready-dev ## A pause against eight workers at work (RACES=1000), on either database: nothing comes after it
	@PAUSE_RACES=$(or $(RACES),1000) $(BIN)/python -m pytest -q -p no:randomly tests/safety/test_pause.py $(ARGS)

.PHONY: reversals
reversals: .venv/ready-dev ## Twenty who take the same allocation back at once (RACES=500), on either database: one does
	@REVERSAL_RACES=$(or $(RACES),500) $(BIN)/python -m pytest -q -p no:randomly tests/safety/test_double_reversal.py $(ARGS)

.PHONY: freezes
freezes: .venv/ready-dev ## Each part frozen in turn is told in time, and in seven quiet days nothing is
	@HEALTH_QUIET_HOURS=168 $(BIN)/python -m pytest -q -p no:randomly tests/health/test_freezes.py $(ARGS)

.PHONY: redelivery
redelivery: .venv/ready-dev ## All that was filed comes back (TIMES=1000) under a new UIDVALIDITY: nothing happens
	@$(BIN)/python -m tests.simulation.redelivery $(or $(TIMES),1000)

.PHONY: golden
golden: .venv/ready-dev ## Write the labels of the mails in tests/mails anew from what is decided: review the diff
	@$(BIN)/python -m tests.accuracy --golden --list $(ARGS)

.PHONY: accuracy
accuracy: .venv/ready-dev ## How right the decisions on the labelled mails are; a wrong allocation fails
	@$(BIN)/python -m tests.accuracy --list $(ARGS)

.PHONY: metamorphic
metamorphic: .venv/ready-dev ## Vary every labelled mail: what changes nothing must change no decision
	@$(BIN)/python -m tests.core.metamorphic $(ARGS)

.PHONY: wordings
wordings: .venv/ready-dev ## What a thousand hard wordings come to; fails when more money is wrong than before
	@$(BIN)/python -m tests.wordings $(ARGS)

.PHONY: noninterference
noninterference: .venv/ready-dev ## 10,000 pairs of ledgers that a sender, and 10,000 that one without proof, mustn't tell apart
	@$(BIN)/python -m tests.core.noninterference $(ARGS)
	@$(BIN)/python -m tests.core.noninterference --unproved $(ARGS)

.PHONY: screenshots
screenshots: .venv/ready-dev ## Pictures of every page of the console, into build/screenshots
	@$(BIN)/python -m tests.console.screenshots build/screenshots

.PHONY: naughty
naughty: .venv/ready-dev ## Words that mean harm in every field of every page, in Chromium: FILE=... for other people's lists
	@$(BIN)/python -m tests.console.naughty $(FILE) $(ARGS)

.PHONY: replays
replays: .venv/ready-dev ## Try other words on so many past mails (MAILS=1000) from the page, twice, and cancel once
	@$(BIN)/python -m tests.console.replays --mails $(or $(MAILS),1000) $(ARGS)

.PHONY: races
races: .venv/ready-dev ## One person against the second pair of eyes, so many times (ROUNDS=1000): nothing may move
	@$(BIN)/python -m tests.console.races --rounds $(or $(ROUNDS),1000) $(ARGS)

.PHONY: crash
crash: .venv/ready-dev ## Kill the worker (KILLS=200) on real servers; for PostgreSQL: ARGS="--database postgresql"
	@$(BIN)/python -m tests.crash --kills $(or $(KILLS),200) $(ARGS)

.PHONY: stops
stops: .venv/ready-dev ## Stop the program by SIGTERM (STOPS=200) with mails in hand: status 0 within 30 s, and nothing broken
	@$(BIN)/python -m tests.crash.stopping --stops $(or $(STOPS),200) $(ARGS)

.PHONY: faults
faults: .venv/ready-dev ## Let every call outside fail in every way: once, for ever, while recovering
	@$(BIN)/python -m tests.faults $(ARGS)

.PHONY: simulate
simulate: .venv/ready-dev ## So many simulated installations (SEEDS=2000): crashes, faults, clock, people; no promise may break
	@$(BIN)/python -m tests.simulation --seeds $(or $(SEEDS),2000) $(ARGS)

.PHONY: tamper
tamper: .venv/ready-dev ## Change ledger and audit log behind the program's back (MUTATIONS=5000): each has to be seen
	@$(BIN)/python -m tests.adapters.tampering --mutations $(or $(MUTATIONS),5000) $(ARGS)

.PHONY: hostile
hostile: .venv/ready-dev ## Every mail under CORPUS=DIR, each in front of a good one, through the whole worker
	@test -n "$(CORPUS)" || { echo "Say which mails: make hostile CORPUS=DIR (docs/security.md names public sets)" >&2; exit 2; }
	@$(BIN)/python -m tests.hostile "$(CORPUS)" $(ARGS)

.PHONY: regexes
regexes: .venv/ready-audit ## Look for patterns, of code and configuration, that a text could make slow
	@$(BIN)/python -m tests.hostile.regexes

SECONDS ?= 60

.PHONY: fuzz
fuzz: .venv/ready-dev ## Bend labelled mails for SECONDS=60 against what must hold for any bytes
	@$(BIN)/python -m tests.hostile.fuzz --seconds $(SECONDS) $(ARGS)

.PHONY: api-fuzz
api-fuzz: .venv/ready-audit ## Calls made up from the API's document (EXAMPLES=300 per route); ARGS="--database postgresql"
	@$(BIN)/python -m tests.console.api_fuzz --examples $(or $(EXAMPLES),300) $(ARGS)

.PHONY: benchmark-reading
benchmark-reading: .venv/ready-dev ## What reading and deciding costs, in milliseconds
	@$(BIN)/python -m tests.benchmarks.reading

.PHONY: benchmark-console
benchmark-console: .venv/ready-dev ## Every page of the console over 100,000 requests, on SQLite and PostgreSQL; a slow one fails
	@$(BIN)/python -m tests.benchmarks.console $(ARGS)

.PHONY: benchmark
benchmark: .venv/ready-dev ## Throughput beside a naive script and the floor: ARGS="--mails 2000 --repeats 5"
	@$(BIN)/python -m tests.benchmarks.throughput $(ARGS)

.PHONY: flatness
flatness: .venv/ready-dev ## Does a mail cost more beside a million invoices, or a hundred thousand filed mails?
	@$(BIN)/python -m tests.benchmarks.flatness $(ARGS)

.PHONY: benchmark-alive
benchmark-alive: .venv/ready-dev ## A worker on schedule: ARGS="latency", "throttled" or "memory"
	@$(BIN)/python -m tests.benchmarks.alive $(ARGS)

.PHONY: benchmark-far
benchmark-far: .venv/ready-dev ## Far servers and large mails: ARGS="servers" or "attachments"
	@$(BIN)/python -m tests.benchmarks.far $(ARGS)

.PHONY: benchmark-ten
benchmark-ten: .venv/ready-dev ## What ten machines do, simulated from what one was measured to do
	@$(BIN)/python -m tests.benchmarks.ten $(ARGS)

.PHONY: cluster
cluster: .venv/ready-dev ## Three processes on one PostgreSQL, one killed every 20 s: ARGS="--mails 5000 --again 0.2"
	@$(BIN)/python -m tests.cluster $(ARGS)

.PHONY: segments
segments: .venv/ready-dev ## How own words are told from quoted ones, on samples: make segments FOLDER=...
	@$(BIN)/python -m tests.benchmarks.replies $(FOLDER)

.PHONY: mutation
mutation: .venv/ready-audit ## Do the tests notice when amounts, identifiers, matching or rules change? ARGS="name*" for some
	@$(BIN)/mutmut run $(ARGS)
	@$(BIN)/mutmut export-cicd-stats && cat mutants/mutmut-cicd-stats.json

.PHONY: check
check: lint test cover ## All that continuous integration asks: lint, test and cover

.PHONY: format
format: .venv/ready-dev ## Rewrite the code in the house's style
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

# --- Ship it ---------------------------------------------------------------------------------------

.PHONY: audit
audit: regexes ## Look for known vulnerabilities in what is pinned (asks the network), and for slow patterns
	@$(BIN)/pip-audit --strict --no-deps --disable-pip -r constraints.txt

.PHONY: sbom
sbom: .venv/ready-audit ## Write the bill of materials to build/sbom.json
	@mkdir -p build
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --of JSON -o build/sbom.json $(BIN)/python

.PHONY: clean
clean: ## Remove .venv and everything else that was made
	@rm -rf .venv build dist htmlcov mutants .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find processor tests -name __pycache__ -type d -prune -exec rm -rf {} +

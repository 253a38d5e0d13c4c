# The commands of the project. `make` alone lists them.
# PYTHON may name an interpreter (3.11 to 3.13); without it the newest one that runs is taken.

PYTHON ?=
RAISE ?=
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
LOCK = $(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --custom-compile-command "make lock" $(RAISE)
PYTEST = $(BIN)/python -m pytest
TWICE = -n 2 --dist worksteal
# A file of browser stories has one server and one browser, so it stays in one process.
FILES = -n 2 --dist loadfile
QUICK = not slow and not proof and not browser and not browser_all
SOAK = --rows 20000000 --seed 1
# Programs that tests start, and the tests themselves, are compiled once, not at each start.
export PYTHONDONTWRITEBYTECODE =
# Two processes of tests fill two cores; threads of each would only wait for one another.
export OPENBLAS_NUM_THREADS = 1

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile

app: .venv/.app ## set up what the dashboard needs, and open it
	$(BIN)/python -m streamlit run frontend/app.py --server.address=localhost

test: lint types browser ## set up what the tests need, and run the checks and one browser story
# The story waits for its browser half of its time, in which the others go on.
	$(MAKE) --no-print-directory --jobs=2 units story

check: lint types units ## the checks without a browser

# A browser's stories are left out before their files are read.
units: .venv/.dev
	$(PYTEST) $(TWICE) --cov --cov-report=term -m "$(QUICK)" --ignore=tests/browser

story: .venv/.dev
	$(PYTEST) -m browser tests/browser

test-all: test ## everything: test, then slow tests, more examples, and the other browser stories
	HYPOTHESIS_PROFILE=many $(PYTEST) $(TWICE) -m "slow or (hypothesis and not proof)"
	$(PYTEST) $(FILES) -m browser_all tests/browser

proof: .venv/.dev ## the long forms of tests, and a soak, outside CI
	$(PYTEST) $(TWICE) -m proof
	$(BIN)/python -m tests.soak.fuzz_rows $(SOAK)

bench: .venv/.dev ## measure speed and memory, and record benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

screenshots: .venv/.dev browser ## take the pictures of docs/screenshots anew
	SCREENSHOTS=docs/screenshots $(PYTEST) -m "browser or browser_all" tests/browser

walkthrough: .venv/.dev browser ## record docs/walkthrough.gif anew
	$(BIN)/python -m tools.walkthrough

format: .venv/.dev ## format the code and fix what can be fixed
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lock: .venv/.dev ## write the lock files anew after a change of requirements.txt or requirements-dev.txt
	$(LOCK) requirements.txt -o requirements.lock
	$(LOCK) requirements-dev.txt -o requirements-dev.lock
	@head -1 constraints.txt > .venv/constraints.txt
	@sed -n 's|^\([a-z0-9][^= []*\)\(\[[a-z0-9,-]*\]\)*\(==.*[^ ]\) *\\$$|\1\3|p' requirements-dev.lock >> .venv/constraints.txt
	@mv .venv/constraints.txt constraints.txt

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

# On a busy machine mypy gives its workers up (2) before they have started; then it does without.
types: .venv/.dev
	$(BIN)/mypy || { [ $$? -eq 2 ] && $(BIN)/mypy --num-workers 0; }

browser: .venv/.dev
	$(BIN)/python -m tools.browser

postgres: .venv/.dev
	$(BIN)/python -m tools.postgres

apache: .venv/.dev
	$(BIN)/python -m tools.apache

java: .venv/.dev
	$(BIN)/python -m tools.java

# A stamp is older than a changed lock file: the environment is then brought up to date.
.venv/.app: requirements.lock
	@sh tools/make_venv.sh "$(PYTHON)"
	@echo "Installing what the dashboard needs into .venv ..."
	$(PIP) -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock
	@sh tools/make_venv.sh "$(PYTHON)"
	@echo "Installing what the tests need into .venv ..."
	$(PIP) -r requirements-dev.lock
	@touch .venv/.app $@

.PHONY: help app test check test-all proof bench screenshots walkthrough format lint types lock units story browser postgres apache java

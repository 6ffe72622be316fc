# One command for everything; `make help` lists them. Needs only Python 3.11 or newer (with venv) and make.

PYTHON ?= python3
HOST   ?= 127.0.0.1
PORT   ?= 8501

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check --no-input
export HOST PORT
# pip compiles nothing here (see `install`): where nothing may be kept either, each program would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE

# An environment whose Python went away (moved folder, upgraded system) is made anew.
$(shell test -x $(BIN)/python || rm -f $(VENV)/pyvenv.cfg $(VENV)/.runtime $(VENV)/.dev)

.DEFAULT_GOAL := help
.PHONY: help install run demo test check format lint types bench attack mutants browser servers lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

# Whoever runs an installed program must not write into it, so nothing would be kept of what each start compiles anew.
install: $(VENV)/.runtime ## the environment, all of it compiled (docs/deployment.md)
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib core pages dashboard.py || true

run: $(VENV)/.runtime ## serve on http://localhost:8501 (HOST= PORT= elsewhere, DATABASE_URL= another register)
	@$(BIN)/python -m core migrate
	@exec $(BIN)/python dashboard.py

ORGANISATION ?= pops
DEMO_DIR := data/demo$(patsubst %,-%,$(filter-out pops,$(ORGANISATION)))
# A DATABASE_URL meant for the real register must never receive sample data, and known passwords serve this machine only.
DEMO := env -u DATABASE_URL -u BASE_URL -u TRUSTED_PROXIES HOST=127.0.0.1 DATA_DIR=$(DEMO_DIR) $(BIN)/python

demo: $(VENV)/.runtime ## serve sample data from data/demo, one account per role, passwords printed (ORGANISATION=misa: another)
	@$(DEMO) -m core demo --organisation $(ORGANISATION)
	@exec $(DEMO) dashboard.py

test: $(VENV)/.dev browser servers ## all tests: both database engines, and stories in a real browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: lint types test ## format, lint, types, tests

lint: $(VENV)/.dev ## ruff: format and rules
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .

types: $(VENV)/.dev ## mypy --strict over core, pages and tests
	@$(BIN)/python -m mypy

format: $(VENV)/.dev ## let ruff lay out the code
	@$(BIN)/python -m ruff format .
	@$(BIN)/python -m ruff check --fix .

bench: $(VENV)/.dev browser ## times at 100 000 and a million complaints, on both engines (SIZES="10000000": ten million)
	@$(BIN)/python -m tests.bench $(SIZES)

attack: $(VENV)/.dev ## attack a server of its own on this machine and time a signed-in page (ONLY="roles naughty": some)
	@$(BIN)/python -m tests.attack $(ONLY)

# Half an hour of its own, so no part of `check`; FILES="core/rules/terms.py" for some modules only.
mutants: $(VENV)/.dev ## break the rules one line at a time, list what no test notices
	@$(BIN)/python -m tests.mutants $(FILES)

browser: $(VENV)/.dev ## find or install Chromium for the browser stories
	@$(BIN)/python -m tests.browser.chromium

servers: $(VENV)/.dev ## find or install Dovecot for the tests of mailboxes
	@$(BIN)/python -m tests.dovecot

# Re-pin after editing requirements*.in; a stale pin is upgraded only when its .in line changes.
lock: ## requirements*.in to requirements*.txt with hashes
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip -q install uv==0.13.9
	@for name in requirements requirements-dev; do \
	  $(VENV)/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    --custom-compile-command "make lock" $$name.in -o $$name.txt || exit 1; done

clean: ## remove the environment and caches, never data
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/browser/shots
	@find core pages tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or newer, or name it: make run PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1): Python 3.11 or newer is needed. Install it and name it: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make environments: install its venv package (on Debian or Ubuntu: apt-get install python3-venv)"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

# Modules are compiled when they are first imported: most never are, and compiling all takes as long as bringing them.
# Without a network pip fills pages; what it says is shown where the cause is another.
install = $(PIP) install -q --no-compile --retries 2 --require-hashes -r $(1) >$(VENV)/pip.log 2>&1 || { \
	if grep -q 'connection broken' $(VENV)/pip.log; then \
	  echo "The package index cannot be reached, so nothing was installed: connect this machine to a network that reaches it"; \
	  echo "(https://pypi.org, or a mirror: PIP_INDEX_URL=https://mirror.example/simple make install), then try again."; \
	else cat $(VENV)/pip.log; fi; exit 1; }

$(VENV)/.runtime: requirements.txt | $(VENV)/pyvenv.cfg
	@echo "Installing what requirements.txt pins (the first time takes a minute or two) ..."
	@$(call install,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what requirements-dev.txt pins ..."
	@$(call install,requirements-dev.txt)
	@touch $@

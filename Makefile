# One word per thing to do. `make run` and `make test` start from a fresh clone; everything they need is set up first.

PYTHON = .venv/bin/python

.PHONY: help setup run test test-fast test-full bench faults mutants held lint requirements

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

setup: ## what the others need: .venv, front-end libraries, system libraries
	@sh scripts/setup

run: setup ## the whole portal with its servers, and a demonstration (PORT=8000, DATA_DIR=var)
	@exec $(PYTHON) -m intake.devtools.embedded.run

lint: setup ## style, types, import contracts, templates, migrations
	@sh scripts/lint

test: ## lint, then one representative of every family of tests, browser included
	@sh scripts/setup --tests
	@sh scripts/lint sh scripts/test

test-fast: setup ## what one runs all day: as test, without browser, kills, whole servers or the longest tests
	@sh scripts/lint sh scripts/test --fast

test-full: ## lint, then the exhaustive forms of the tests too
	@sh scripts/setup --tests
	@sh scripts/lint sh scripts/test --full

bench: setup ## the targets of performance, measured side by side; ends with a table, kept in build/bench.json
	@sh scripts/bench

faults: setup ## the targets of reliability: a portal killed a thousand times; ends with a table, kept in build/faults.json
	@sh scripts/faults

mutants: setup ## small bugs put in, and what no test sees of them (SAMPLE=200 SEED= CHANGED=1 PACKAGE= MAP=1 RULES=1)
	@sh scripts/mutants SAMPLE='$(SAMPLE)' SEED='$(SEED)' CHANGED='$(CHANGED)' PACKAGE='$(PACKAGE)' MAP='$(MAP)' RULES='$(RULES)'

held: setup ## keep the words and the structure of every page and template as they are now, in tests/house/held
	@HELD=rewrite $(PYTHON) -m pytest -q tests/house/test_crawl.py tests/house/test_states.py -k is_held

requirements: setup ## compile requirements/*.txt again, with hashes, from requirements/*.in
	@sh scripts/requirements

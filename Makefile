# One target per task. `make run` and `make test` work in a fresh clone: they set up everything they need first.

PYTHON = .venv/bin/python

.PHONY: help setup image run shell test test-fast test-full bench faults mutants controls held lint fmt messages requirements sbom

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

setup: ## install what the other targets need: .venv, front-end libraries, system libraries
	@sh scripts/setup

run: setup ## the whole portal with its servers, and a demonstration (PORT=8000, DATA_DIR=var)
	@exec $(PYTHON) -m intake.devtools.embedded.run

image: ## the portal's image and the mail catcher's, for docker-compose.yml
	@docker compose build

shell: setup ## Django's shell, with the embedded servers of DATA_DIR
	@$(PYTHON) manage.py shell

lint: setup ## style, types, import contracts, templates, migrations
	@sh scripts/lint

fmt: setup ## sort the imports and format the Python files
	@$(PYTHON) -m ruff check --quiet --select I --fix .
	@$(PYTHON) -m ruff format --quiet .

messages: setup ## bring the English catalogue in step with the French source; names what is left to translate
	@sh scripts/catalogue

test: ## lint, then one representative of every family of tests, browser included
	@sh scripts/setup --tests
	@sh scripts/lint sh scripts/test

test-fast: setup ## for daily work: as test, without browser, kills, whole servers or the longest tests
	@sh scripts/lint sh scripts/test --fast

test-full: ## lint, then the exhaustive forms of the tests too
	@sh scripts/setup --tests
	@sh scripts/lint sh scripts/test --full

bench: setup ## measure the targets of performance; prints a table, writes build/bench.json
	@sh scripts/bench

faults: setup ## measure the targets of reliability: a portal killed a thousand times; prints a table, writes build/faults.json
	@sh scripts/faults

mutants: setup ## mutation testing: changes of the product that no test notices (SAMPLE=200 SEED= CHANGED=1 PACKAGE= MAP=1 RULES=1)
	@sh scripts/mutants SAMPLE='$(SAMPLE)' SEED='$(SEED)' CHANGED='$(CHANGED)' PACKAGE='$(PACKAGE)' MAP='$(MAP)' RULES='$(RULES)'

controls: setup ## remove the security controls, one at a time, and count those that no test misses
	@sh scripts/controls

held: setup ## accept the current text of every page, in tests/house/held, the drawings of docs/architecture.md, docs/mails.md, and the units of deploy/systemd
	@HELD=rewrite $(PYTHON) -m pytest -q tests/house/test_crawl.py tests/house/test_mails.py tests/house/test_architecture.py tests/house/test_processes.py -k "stored or held or matches"

requirements: setup ## compile requirements/*.txt again, with hashes, from pyproject.toml
	@sh scripts/requirements

sbom: setup ## write the bill of materials, as CycloneDX: build/sbom.json
	@sh scripts/sbom

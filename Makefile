# Thin names over start.py, which does the work on every system. On Windows: py start.py lab, and so on.
# The first Python of these that runs and is 3.11, 3.12 or 3.13:
PYTHONS := python3 python3.11 python3.12 python3.13 python
GOOD := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in $(PYTHONS); do $$python -c '$(GOOD)' >/dev/null 2>&1 && echo $$python && break; done)
START := $(if $(PYTHON),$(PYTHON),@echo "No Python 3.11, 3.12 or 3.13 here: install 3.12 from python.org or your system's packages."; exit 1;) start.py

.DEFAULT_GOAL := help
.PHONY: help lab check run test real data slides site bench proof train clean lock

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

lab:  ## set up, then open JupyterLab on the notebooks (ARGS="--no-browser --port 9999")
	$(START) lab $(ARGS)

check:  ## two minutes: is everything ready for the workshop?
	$(START) check $(ARGS)

run:  ## run every notebook without a browser (NB=02: one of them; FORM=blank: with the exercises left open)
	$(START) run $(if $(NB),NB=$(NB)) $(if $(FORM),FORM=$(FORM)) $(ARGS)

test:  ## set up, then run every test (ARGS="tests/test_audio.py -x")
	$(START) test $(ARGS)

data:  ## fetch real recordings (NAMES="esc10"; without NAMES: show which there are)
	$(START) data $(or $(NAMES),--list) $(ARGS)

real:  ## run the notebooks on real recordings: those that MACHINE_HEARING_TEST_DATA names
	$(START) real $(ARGS)

slides:  ## build the decks, HTML and PDF (NAMES="pycode2019_recognizing_sounds"; needs Node and Chromium)
	$(START) slides $(NAMES) $(ARGS)

site:  ## build the static site (PAGES=notebooks/executed: from pages that `make run` has executed; NB=02: one notebook)
	$(START) site $(if $(NB),NB=$(NB)) $(if $(PAGES),--pages $(PAGES)) $(ARGS)

bench:  ## measure everything, which takes hours (NAMES="logmel": one thing), and bring the figures in all pages up to date
	$(START) bench $(or $(NAMES),all) --fill $(ARGS)

proof:  ## try what the tests have no time for, which takes hours (NAMES="faults": one thing)
	$(START) proof $(or $(NAMES),all) --fill $(ARGS)

train:  ## train the embedding network anew (SEED=1: another seed; CLASSES=all: with the workshop's ten classes too)
	$(START) train $(if $(SEED),SEED=$(SEED)) $(if $(CLASSES),CLASSES=$(CLASSES)) $(ARGS)

clean:  ## show the caches and remove them after asking (ARGS=--data: downloaded recordings too)
	$(START) clean $(ARGS)

lock:  ## write the lists of packages anew from pyproject.toml (UPGRADE=1: newest versions; needs a network)
	$(START) lock $(if $(UPGRADE),--upgrade) $(ARGS)

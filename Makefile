# Everything from Python 3.11 and make alone: the environment is made in .venv from pinned versions.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Tests run side by side: linear algebra on several threads each would only make them wait for one another.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

.PHONY: help install demo test test-long style types lint tests bench notebooks clean
help:
	@echo "make install  alignmark in .venv"
	@echo "make demo   the example study, from exports to report, in out/demo/"
	@echo "make test   style, types, tests and notebooks"
	@echo "make test-long  large simulations, which the tests leave out for their time"
	@echo "make bench  speed as ratios against what one would write by hand"
	@echo "make clean  remove the environment and generated files"

# Python compiles what it imports: all modules of all libraries would take longer than most of the rest.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "alignmark needs Python 3.11 or later")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

install: .venv/ready

demo: .venv/ready
	$(BIN)/alignmark demo

style: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

lint: style types

tests: .venv/ready
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not long"

test-long: .venv/ready
	$(BIN)/python -m pytest -n auto --dist worksteal -m long

# Types are checked beside the tests: one after the other, mypy alone would leave all cores but one idle.
test: style
	$(MAKE) --jobs=2 types tests

bench: .venv/ready
	$(BIN)/python -m benchmarks.run

notebooks: .venv/ready
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf .venv out build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

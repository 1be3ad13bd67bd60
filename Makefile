# Needs Python >= 3.10, pip and a C compiler. Everything goes to .venv in this folder.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --constraint constraints.txt
COUNT ?= 100000
FRAMES ?= 50000

.PHONY: demo test test-all test-gpu soak check wheel clean

demo: .venv/ready
	$(BIN)/leukoscope demo -o leukoscope-demo

test: .venv/ready
	$(BIN)/python -m pytest -m "not heavy and not gpu"

test-all: .venv/ready .venv/heavy
	$(BIN)/python -m pytest -m "not gpu"

test-gpu:
	@$(or $(wildcard $(BIN)/python),$(PYTHON)) tests/gpu/run.py -o gpu-record.json

soak: .venv/ready
	$(BIN)/python tests/bundle/soak_trees.py --count $(COUNT)
	$(BIN)/python tests/soak/day.py --frames $(FRAMES)

check: .venv/ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

wheel: .venv/ready
	$(PIP) wheel --quiet --no-deps --wheel-dir dist .

.venv/ready: pyproject.toml constraints.txt setup.py leukoscope/bundle/tree_kernel.c
	$(PYTHON) -m venv .venv
	$(INSTALL) --editable '.[workstation,viewer,parquet,test,dev]'
	$(BIN)/python -c 'import cv2' || { $(PIP) uninstall --yes --quiet opencv-python; $(INSTALL) opencv-python-headless; }
	touch $@

.venv/heavy: .venv/ready
	$(INSTALL) tensorrt-rtx openvino && $(INSTALL) --no-deps timm
	tests/runtime/backends/cuda/install_bindings.sh $(BIN)/python && touch $@

clean:
	rm -rf .venv leukoscope-demo dist build leukoscope/bundle/_tree_kernel*.so

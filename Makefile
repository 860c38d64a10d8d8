# Each target makes sure of what it needs: set-up and build happen by themselves. Commands are shown as they run.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test build bench install setup sanitize fuzz clean

export LIBTORCH_ROOT ?= $(CURDIR)/.deps/libtorch
PREFIX ?= /usr/local
SECONDS ?= 30

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing: Debian packages, and LibTorch into .deps/
	tools/setup

build: ## build/figment, the program
	tools/setup build
	[ -e build/build.ninja ] || cmake --preset release
	cmake --build build

test: ## everything that is claimed, checked
	tools/setup build test data
	$(MAKE) --no-print-directory build
	OMP_NUM_THREADS=1 ctest --test-dir build --output-on-failure

install: build ## into PREFIX=/usr/local, for find_package(figment)
	cmake --install build --prefix $(PREFIX)

clean: ## remove what was built; .deps/ and runs/ stay
	rm -rf build build-*

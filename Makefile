# Each target makes sure of what it needs: set-up and build happen by themselves. Commands are shown as they run.
SHELL := /bin/bash
.DEFAULT_GOAL := help
DEMOS := vae vq compare
.PHONY: help demo $(addprefix demo-,$(DEMOS)) test build bench install setup soak faults build-asan sanitize fuzz clean

PREFIX ?= /usr/local
DEMO ?= vae
SECONDS ?= 30
FUZZ ?= -max_total_time=$(SECONDS)
KILLS ?= 300
MOST ?= 200
TEST := OMP_NUM_THREADS=1 PATH=$(CURDIR)/.deps/venv/bin:$$PATH ctest --output-on-failure

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing: Debian packages, and LibTorch into .deps/
	tools/setup

build: ## build/figment, the program
	tools/setup build
	@# a build folder that came with a copy of another checkout still names that one
	grep -qsxF 'CMAKE_HOME_DIRECTORY:INTERNAL=$(CURDIR)' build/CMakeCache.txt || cmake --fresh --preset release
	cmake --build build --target product

test: ## everything that is claimed, checked
	tools/setup build test data
	$(MAKE) --no-print-directory build
	cmake --build build
	$(TEST) --test-dir build

demo: ## on Fashion-MNIST: a VAE; with DEMO=vq codes and their PixelCNN; with DEMO=compare a VAE beside a GAN
	@[ -n "$(filter $(DEMO),$(DEMOS))" ] || { echo "make demo: there is no DEMO=$(DEMO); known are $(DEMOS)" >&2; exit 2; }
	tools/setup build data
	$(MAKE) --no-print-directory build
	$(MAKE) --no-print-directory demo-$(DEMO)

demo-vae:
	build/figment train vae --data fashion-mnist --out runs
	build/figment evaluate last --importance-samples 50
	build/figment sample last -n 64 -o samples.png
	@echo
	@echo "Open in a browser: $$(ls -d $(CURDIR)/runs/[0-9]*-vae | tail -n 1)/report.html"
	@echo "  first the reconstructions (a test of the code), then the samples (of the distribution over codes),"
	@echo "  then the curves: the bound falls while its two parts, reconstruction and KL, pull against each other."
	@echo "New pictures, drawn from the run alone: $(CURDIR)/samples.png"

demo-vq:
	build/figment train figment/models/pixel_cnn/codes.toml --out runs
	build/figment evaluate last
	build/figment sample last -n 100 -o samples.png
	build/figment complete last -o completions.png
	@echo
	@echo "Open in a browser: $$(ls -d $(CURDIR)/runs/[0-9]*-pixel_cnn | tail -n 1)/codes/report.html"
	@echo "  how images become 7 x 7 codes: the codebook, each code drawn alone, and codes painted over images;"
	@echo "and $$(ls -d $(CURDIR)/runs/[0-9]*-pixel_cnn | tail -n 1)/prior/report.html"
	@echo "  how codes are drawn one after the other, and what becomes of them."
	@echo "New pictures, a column for each class: $(CURDIR)/samples.png"
	@echo "Images whose lower half was drawn anew, six times each: $(CURDIR)/completions.png"

demo-compare:
	build/figment train figment/models/gan/judged.toml --out runs
	build/figment train vae --data fashion-mnist --out runs
	build/figment compare --importance-samples 50 -o comparison.html \
	  "$$(ls -d runs/[0-9]*-vae | tail -n 1)" "$$(ls -d runs/[0-9]*-gan | tail -n 1)"
	@echo
	@echo "  what the figures say, samples side by side, every figure, histograms of single images, nearest training images."

bench: ## compare with PyTorch; writes build/bench.json
	tools/setup build data bench
	benchmarks/run

soak: ## KILLS=300 kills of real training processes, each continued: does it end with the same bytes?
	tools/setup build test data
	$(MAKE) --no-print-directory build
	cmake --build build --target figment_test
	OMP_NUM_THREADS=1 FIGMENT_KILLS=$(KILLS) build/figment_test --gtest_filter='Resume.Killed*'

build-asan: # as `build`, with sanitizers
	tools/setup build test data develop
	grep -qsxF 'CMAKE_HOME_DIRECTORY:INTERNAL=$(CURDIR)' build-asan/CMakeCache.txt || cmake --fresh --preset asan

faults: ## MOST=200 trainings in each of which one system call fails: do they end with a sentence, and resume exactly?
	tools/setup build develop
	$(MAKE) --no-print-directory build
	tests/failing_calls build/figment --most $(MOST)

sanitize: build-asan ## the tests under the address and undefined-behaviour sanitizers
	cmake --build build-asan
	$(TEST) --test-dir build-asan

fuzz: build-asan ## SECONDS=30 of wrong input for each reader of untrusted files
	cmake --build build-asan --target fuzz_targets
	for target in build-asan/*_fuzz; do $$target $(FUZZ) || exit 1; done

install: build ## into PREFIX=/usr/local, for find_package(figment)
	cmake --install build --prefix $(PREFIX)

clean: ## remove what was built; .deps/ and runs/ stay
	rm -rf build build-*

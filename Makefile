# StorySign: two commands matter, `make serve` and `make test`. `make` alone lists them all.
#
# Recipes use paths relative to this folder only, so a clone may lie anywhere; everything made goes to build/ and deps/,
# and in web/ to dist/ and node_modules/.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PRESET ?= release
CLIP ?=
ARGS ?=
PROGRAM := build/release/storysign
# Asked for in recipes only after `setup` has made it.
PYTHON := deps/python/bin/python3
# Compiler results are shared between clones and work trees at different paths.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export CCACHE_SLOPPINESS := time_macros

.PHONY: help
help: ## List these commands
	@echo "StorySign: make COMMAND"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)$$/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

.PHONY: setup
setup: ## Install what building, running and testing need (root, for Debian packages)
	@python3 setup/prepare.py --for test
	@python3 setup/home.py
	@python3 setup/page.py

.PHONY: setup-build
setup-build:
	@python3 setup/prepare.py --for build
	@python3 setup/home.py
	@python3 setup/page.py

.PHONY: build
build: setup-build ## Build the release program, build/release/storysign
	@python3 setup/configure.py release
	@cmake --build build/release --target storysign
	@test -x $(PROGRAM) || { echo "make build: the build ended well but left no program at $(PROGRAM)." >&2; exit 1; }

.PHONY: serve
serve: build ## Run the server and print its address; with CLIP=path/to/clip draw on that clip instead
	@CLIP="$$CLIP" ARGS="$$ARGS" setup/serve.sh $(PROGRAM)

.PHONY: test
test: setup ## Run every check and test: format, lint, unit, end-to-end, sanitizers
	@python3 setup/test_all.py

.PHONY: parity
parity: setup build ## Compare with MediaPipe's landmarks on every reference clip
	@STORYSIGN_BIN=$(PROGRAM) $(PYTHON) tests/parity/run.py
	@STORYSIGN_BIN=$(PROGRAM) $(PYTHON) tests/parity/fast.py

.PHONY: package
package: build ## Pack the Debian package, build/release/package/*.deb
	@cmake --build build/release --target debian_package
	@ls build/release/package/*.deb

.PHONY: bench
bench: setup-build ## Build and run the benches of bench/
	@python3 setup/configure.py release
	@cmake --build build/release
	@setup/bench.sh build/release

.PHONY: soak
soak: setup build ## Ten minutes of hostile clients on an AddressSanitizer build; on the usual one half an hour of use at capacity, 10,000 connections
	@python3 setup/test_all.py soak

.PHONY: format
format: setup ## Format the C++ sources in place
	@python3 setup/format.py

.PHONY: tidy
tidy: setup ## Run clang-tidy; a finding is an error
	@python3 setup/configure.py release
	@cmake --build build/release
	@python3 setup/tidy.py

.PHONY: debug
debug: setup-build ## Build everything for a debugger, build/debug
	@python3 setup/configure.py debug
	@cmake --build build/debug

.PHONY: clean
clean: ## Remove build/ and the built page
	rm -rf build web/dist

.PHONY: distclean
distclean: clean ## Remove build/ and deps/ (the next set-up fetches again)
	rm -rf deps web/node_modules

# CLIP and ARGS reach the shell through the environment, so that any file name is safe.
export CLIP ARGS

# mayfly: what to type.
#
#   make demo         logins that end by themselves, and access that is asked for, approved and ended, on real servers
#   make run          the same CA, kept in ca/, for a day of trying
#   make test         everything: unit, contract, transcript and interop tests
#   make check        lint, then make test
#   make build        the mayfly binary, debug
#   make release      the mayfly binary, optimized: .build/release/mayfly
#   make lint         check the format of the sources
#   make format       rewrite the sources in that format
#   make interop      the tests against real servers and foreign verifiers alone
#   make interop-all  those, and the heavy ones (Go, pkilint)
#   make fuzz         hostile bytes at every parser, FUZZ_SECONDS (60) each
#   make bench        figures: micro benchmarks, and load against a running server
#   make clean        remove what was built
#   make help         this text

SWIFT ?= swift
SOURCES = Sources Tests Fuzz Package.swift

# So many tests at a time. Without it all begin at once, and each waits minutes for its turn while its time limit runs.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 8

.DEFAULT_GOAL := help
.PHONY: help demo run test check build release lint format interop interop-all fuzz bench clean packages-build packages-run

help:
	@sed -n 's/^#  \{0,1\}//p' Makefile | sed '/^SWIFT/,$$d'

packages-build:
	@.ci/install-packages build

packages-run:
	@.ci/install-packages build run

build: packages-build
	$(SWIFT) build --product mayfly

release: packages-build
	$(SWIFT) build -c release --static-swift-stdlib --product mayfly

demo: packages-run
	$(SWIFT) build --build-tests
	@$(SWIFT) run --skip-build mayfly-demo

run: packages-build
	$(SWIFT) build --product mayfly
	@.ci/run-ca

test: packages-run
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build
	@.ci/interop-as-user

check: lint test

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

format:
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

interop: packages-run
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --filter InteropTests

interop-all: interop
	@.ci/install-packages interop-all
	@.ci/interop-all

fuzz: packages-build
	@SWIFT=$(SWIFT) Fuzz/run

bench: packages-run
	@SWIFT=$(SWIFT) .ci/bench

clean:
	rm -rf .build .build-fuzz

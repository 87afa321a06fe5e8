# The same commands for a person and for CI.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

step := ./scripts/step.sh
# Seconds that each fuzz target runs in `make fuzz-short`.
FUZZ_SECONDS ?= 30

.PHONY: help test demo check format lint unit sim blackbox browser bench peers fuzz-short deps

help: ## Says what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

test: deps ## Everything that CI runs, stopping at the first failure
	@$(step) format cargo fmt --all --check
	@$(step) lint cargo clippy --workspace --all-targets -- -D warnings
	@$(step) tests cargo test --workspace
	@$(step) browser npm --prefix tests/browser test

demo: ## A sale with a synthetic crowd, in this terminal
	cargo run --release -- demo

check: format lint ## Format and lints, without running anything

format: ## Whether the sources are formatted
	cargo fmt --all --check

lint: ## clippy, warnings denied
	cargo clippy --workspace --all-targets -- -D warnings

unit: ## The tests beside the code, and those of the rules
	cargo test --workspace --lib --bins
	cargo test -p stanchion-domain

sim: ## The engine under seeds: SIM_SEEDS=10000 make sim
	cargo test --test sim -- --nocapture

blackbox: ## The real server over real sockets
	cargo test --test it

browser: deps ## The walk from joining to an order, in a browser; pictures in target/browser
	cargo build --bin stanchion
	npm --prefix tests/browser test

bench: ## Criterion's benchmarks
	cargo bench --workspace

peers: deps ## The real server beside a bare hyper, driven in turn
	./benches/peers/run

fuzz-short: ## Every fuzz target for FUZZ_SECONDS
	@cargo +nightly fuzz --version >/dev/null 2>&1 \
		|| { echo "cargo-fuzz and a nightly toolchain are needed: cargo install cargo-fuzz" >&2; exit 1; }
	for target in $$(cargo +nightly fuzz list); do \
		cargo +nightly fuzz run "$$target" -- -max_total_time=$(FUZZ_SECONDS); \
	done

deps: ## Debian packages that building and testing need, if missing
	@$(step) deps ./scripts/install-deps.sh

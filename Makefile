# The same commands for a person and for CI.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

step := ./scripts/step.sh
# The Valkey that is installed has no TLS.
valkey := env STANCHION_REDIS_SERVER=$(CURDIR)/target/valkey/valkey-server \
	cargo test --workspace --lib journal::redis -- --skip over_tls

.PHONY: help test demo check format lint unit sim blackbox load valkey browser bench peers ship deps

help: ## Says what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

# --tests leaves out the examples, whose sources the lints compile, and texts of the sources, none
# of which is run.
test: deps ## Everything that CI runs, stopping at the first failure
	@$(step) format cargo fmt --all --check
	@$(step) lint cargo clippy --workspace --all-targets -- -D warnings
	@$(step) tests cargo test --workspace --tests
	@$(step) valkey $(valkey)
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

sim: ## The rules and the engine under seeds: SIM_SEEDS=10000 make sim
	cargo test -p stanchion-domain --test rules simulation -- --nocapture
	cargo test --lib engine::tests::simulation -- --nocapture

load: ## The harness: its tests, the liars, and the night of 2015 in 90 seconds
	cargo build --workspace --bins
	cargo test -p stanchion-loadtest

blackbox: ## The real server over real sockets
	cargo test --test it

valkey: deps ## The journal in Redis, kept in a Valkey
	$(valkey)

browser: deps ## The walk from joining to an order, in a browser; pictures in target/browser
	cargo build --bin stanchion
	npm --prefix tests/browser test

bench: ## Criterion's benchmarks
	cargo bench --workspace

peers: ## The real server beside bare hyper, PostgreSQL and Redis, driven in turn
	./scripts/install-deps.sh --bench
	./benches/peers/run

ship: ## The program as it ships, laid out by a profile of itself: target/shipped/stanchion
	./scripts/install-deps.sh --ship
	./scripts/build-shipped.sh

deps: ## Debian packages that building and testing need, if missing
	@$(step) deps ./scripts/install-deps.sh

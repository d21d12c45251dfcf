#!/usr/bin/env bash
# The behaviour tests and the random graphs under the address sanitizer, which counts leaks too: each value is dropped
# once, whatever fails, is cancelled or panics. Needs a nightly toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc +nightly --version --verbose | sed -n 's/^host: //p')
# The target keeps build scripts and macros out of it.
RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=target/sanitize \
    cargo +nightly test --locked --package conjoin-tests --target "$host" --test behaviour --test graphs

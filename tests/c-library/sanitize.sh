#!/usr/bin/env bash
# The bridge to C under the address sanitizer, which counts leaks too: Rust and C are both built with it. Needs a nightly
# toolchain; arguments go to cargo, such as `--features c-ares`.
set -euo pipefail
cd "$(dirname "$0")/../.."

host=$(rustc +nightly --version --verbose | sed -n 's/^host: //p')
# The target keeps build scripts and macros out of it.
RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=target/sanitize \
    cargo +nightly test --locked --package conjoin-adapters-c-library --target "$host" "$@"

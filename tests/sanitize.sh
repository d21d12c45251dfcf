#!/usr/bin/env bash
# The behaviour tests, the random graphs, the search for lost wakes and the adapters under the address sanitizer, which
# counts leaks too: each value is dropped once, whatever fails, is cancelled, panics or comes late, and no waker points
# to what is gone. Needs a nightly toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc +nightly --version --verbose | sed -n 's/^host: //p')
# The target keeps build scripts and macros out of it.
export RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=target/sanitize
cargo +nightly test --locked --target "$host" --package conjoin --package conjoin-tests \
    --test behaviour --test graphs --test stress
cargo +nightly test --locked --target "$host" --package conjoin-adapters --test callback --test events --test promise

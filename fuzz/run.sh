#!/usr/bin/env bash
# Fuzzes the front end of the macro: `fuzz/run.sh [option of libFuzzer]…`, such as `-max_total_time=600`, or a file that
# it left in `fuzz/artifacts` to run that alone. Needs a nightly toolchain and a C++ compiler, but not cargo-fuzz, for
# which the folder is laid out as well: `cargo +nightly fuzz run front_end`.
set -euo pipefail
cd "$(dirname "$0")"

host=$(rustc +nightly --version --verbose | sed -n 's/^host: //p')
# As cargo-fuzz has it. The target keeps build scripts out of it.
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1'
export RUSTFLAGS="--cfg fuzzing ${coverage//$'\n'/}" CARGO_TARGET_DIR=../target/fuzz
cargo +nightly build --locked --release --target "$host" --bin front_end
mkdir -p corpus/front_end artifacts/front_end
[ $# -gt 0 ] && [ -e "$1" ] || set -- corpus/front_end "$@"
exec ../target/fuzz/"$host"/release/front_end -artifact_prefix=artifacts/front_end/ -timeout=20 -max_len=256 -len_control=20 "$@"

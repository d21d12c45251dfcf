#!/usr/bin/env bash
# Runs a program of counted/src/bin, which counts instructions and prints a table: `count.sh distinct`. Needs valgrind.
# More arguments are cargo's; those after `--` are the program's: `count.sh cost --features tracing`,
# `count.sh distinct -- check`.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec cargo run --quiet --profile bench --package conjoin-benches-counted --bin "$@"

#!/usr/bin/env bash
# Runs a program of counted/src/bin, which counts instructions and prints a table: `count.sh distinct`. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec cargo run --quiet --profile bench --package conjoin-benches-counted --bin "$1" -- "${@:2}"

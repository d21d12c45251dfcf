#!/usr/bin/env bash
# Measures conjoin and its peers, prints a table, and draws cost.svg and makespan.svg in the folder given, or else in
# target/benches. Instructions need valgrind, the peers in Node node and npm; what is missing is said, and left out.
set -euo pipefail
folder=$(realpath -m "${1:-$(dirname "$0")/../../target/benches}")
cd "$(dirname "$0")/../.."
exec cargo run --quiet --release --package conjoin-benches -- "$folder"

#!/usr/bin/env bash
# Measures conjoin and its peers, prints a table, and draws cost.svg and makespan.svg: `run.sh [FOLDER]`, by default
# target/benches. Needs valgrind. The peers in Node need node and npm, and are left out without them.
set -euo pipefail
folder=$(realpath -m "${1:-$(dirname "$0")/../../target/benches}")
cd "$(dirname "$0")/../.."
exec cargo run --quiet --release --package conjoin-benches -- "$folder"

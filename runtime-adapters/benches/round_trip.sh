#!/usr/bin/env bash
# Instructions for a callback's round trip, against `tokio::sync::oneshot` by hand. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."

bench=$(cargo bench --quiet -p conjoin-adapters --bench round_trip --no-run --message-format json |
    sed -n 's/.*"target":{[^}]*"name":"round_trip".*"executable":"\([^"]*\)".*/\1/p')

count() {
    valgrind --tool=callgrind --callgrind-out-file="${OUT:-/dev/null}" "$bench" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

base=$(count none)
hand=$((($(count hand) - base) / 1000))
adapter=$((($(count adapter) - base) / 1000))
printf 'hand %d, adapter %d: %s\n' "$hand" "$adapter" "$(awk "BEGIN { printf \"%.2f\", $adapter / $hand }")"

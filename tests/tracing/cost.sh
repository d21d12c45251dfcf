#!/usr/bin/env bash
# Instructions for a run of each graph of ../benches/cost.rs without the feature `tracing`, and with it and no
# subscriber, counted by callgrind: the same numbers on every run of a build. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The two in builds of their own: in one, the feature would be there for both.
built() {
    cargo "$@" --quiet --message-format json |
        sed -n 's/.*"target":{[^}]*"name":"cost".*"executable":"\([^"]*\)".*/\1/p'
}
without=$(built build --profile bench -p conjoin-benches --bin cost)
with=$(built bench --no-run -p conjoin-tests-tracing --bench cost)

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

base_without=$(count "$without" none)
base_with=$(count "$with" none)
printf '%-10s %-6s %10s %10s %10s\n' graph tasks without with ratio
for graph in page diamond n crossing wide threaded beside; do
    for kind in ready yield; do
        printf '%s %s %s %s\n' "$graph" "$kind" \
            "$(count "$without" "${graph}_auto" "$kind")" "$(count "$with" "${graph}_auto" "$kind")"
    done
done | awk -v base_without="$base_without" -v base_with="$base_with" '{
    without = ($3 - base_without) / 1000; with = ($4 - base_with) / 1000
    printf "%-10s %-6s %10.0f %10.0f %10.2f\n", $1, $2, without, with, with / without
}'

#!/usr/bin/env bash
# Instructions for a run of each graph of cost.rs, as a ratio to the same by hand, counted by callgrind: the same number
# on every run of a build. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v valgrind >/dev/null || { echo "$0: valgrind is missing; on Debian, \`apt install valgrind\`" >&2; exit 1; }

cost=$(cargo build --quiet --profile bench -p conjoin-benches --bin cost --message-format json |
    sed -n 's/.*"target":{[^}]*"name":"cost".*"executable":"\([^"]*\)".*/\1/p')

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$cost" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

base=$(count none)
printf '%-10s %-6s %10s %10s %10s %14s %14s\n' graph tasks hand blocks auto! auto!/hand auto!/blocks
for graph in page diamond n crossing wide threaded beside; do
    for kind in ready yield; do
        printf '%s %s %s %s %s\n' "$graph" "$kind" \
            "$(count "${graph}_hand" "$kind")" "$(count "${graph}_blocks" "$kind")" "$(count "${graph}_auto" "$kind")"
    done
done | awk -v base="$base" '{
    hand = ($3 - base) / 1000; blocks = ($4 - base) / 1000; auto = ($5 - base) / 1000
    printf "%-10s %-6s %10.0f %10.0f %10.0f %14.2f %14.2f\n", $1, $2, hand, blocks, auto, auto / hand, auto / blocks
}'

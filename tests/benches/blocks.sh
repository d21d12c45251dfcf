#!/usr/bin/env bash
# Instructions for a run of each graph of blocks.rs, as a block of `concurrent!` and as a graph of `auto!`, counted by callgrind:
# the same number on every run of a build; and the sizes of the futures. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v valgrind >/dev/null || { echo "$0: valgrind is missing; on Debian, \`apt install valgrind\`" >&2; exit 1; }

blocks=${1:-$(cargo build --quiet --profile bench -p conjoin-benches --bin blocks --message-format json |
    sed -n 's/.*"target":{[^}]*"name":"blocks".*"executable":"\([^"]*\)".*/\1/p')}

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$blocks" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

size() { "$blocks" | awk -v name="$1" '$1 == name { print $2 }'; }

base=$(count none)
printf '%-10s %-6s %8s %8s %6s %10s %10s %6s\n' graph tasks auto! block ratio 'size auto!' 'size block' ratio
for graph in page methods twice diamond n chains woven crossing chain wide; do
    for kind in ready yield; do
        printf '%s %s %s %s %s %s\n' "$graph" "$kind" "$(count "${graph}_auto" "$kind")" \
            "$(count "${graph}_block" "$kind")" "$(size "${graph}_auto")" "$(size "${graph}_block")"
    done
done | awk -v base="$base" '{
    auto = ($3 - base) / 1000; block = ($4 - base) / 1000
    printf "%-10s %-6s %8.0f %8.0f %6.2f %10d %10d %6.2f\n", $1, $2, auto, block, block / auto, $5, $6, $6 / $5
}'

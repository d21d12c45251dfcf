#!/usr/bin/env bash
# Instructions for a run of each graph of around.rs, counted by callgrind: as it is, with its bodies in blocks of their own,
# and with an object around its tasks that does nothing. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v valgrind >/dev/null || { echo "$0: valgrind is missing; on Debian, \`apt install valgrind\`" >&2; exit 1; }

around=$(cargo build --quiet --profile bench -p conjoin-benches --bin around --message-format json |
    sed -n 's/.*"target":{[^}]*"name":"around".*"executable":"\([^"]*\)".*/\1/p')

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$around" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

base=$(count none)
printf '%-10s %-6s %8s %8s %8s\n' graph tasks plain blocks around
for graph in page crossing wide; do
    for kind in ready yield; do
        printf '%-10s %-6s' "$graph" "$kind"
        for what in plain blocks around; do
            printf ' %8d' $((($(count "${graph}_$what" "$kind") - base) / 1000))
        done
        echo
    done
done

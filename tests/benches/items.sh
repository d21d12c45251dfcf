#!/usr/bin/env bash
# Instructions for an item of items.rs, counted by callgrind: the same number on every run of a build. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v valgrind >/dev/null || { echo "$0: valgrind is missing; on Debian, \`apt install valgrind\`" >&2; exit 1; }

items=$(cargo build --quiet --profile bench -p conjoin-benches --bin items --message-format json |
    sed -n 's/.*"target":{[^}]*"name":"items".*"executable":"\([^"]*\)".*/\1/p')

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$items" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

cases='auto limited unordered buffer_unordered buffered try_join_all'
printf '%-6s %8s' items count
printf ' %16s' $cases
echo
for kind in ready yield event; do
    for size in 64:100 2000:10 100000:1; do
        number=${size%:*} times=${size#*:}
        base=$(count none "$kind" "$number" "$times")
        printf '%-6s %8s' "$kind" "$number"
        for case in $cases; do
            echo "$(count "$case" "$kind" "$number" "$times") $base $number $times"
        done | awk '{ printf " %16.1f", ($1 - $2) / $3 / $4 }'
        echo
    done
done

#!/usr/bin/env bash
# Instructions for a run of each width of wide.rs, as a ratio to the same by hand, counted by callgrind. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v valgrind >/dev/null || { echo "$0: valgrind is missing; on Debian, \`apt install valgrind\`" >&2; exit 1; }

wide=$(cargo build --quiet --profile bench -p conjoin-benches --bin wide --message-format json |
    sed -n 's/.*"target":{[^}]*"name":"wide".*"executable":"\([^"]*\)".*/\1/p')

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$wide" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

base=$(count none)
printf '%-6s %10s %10s %12s %12s %12s\n' width hand auto! auto!/hand 'polls (hand)' 'polls (auto!)'
for width in 4 6 8 12 16 32 64 256; do
    printf '%s %s %s %s %s\n' "$width" "$(count "hand_$width")" "$(count "auto_$width")" \
        "$("$wide" "hand_$width" 2>&1 | cut -d' ' -f1)" "$("$wide" "auto_$width" 2>&1 | cut -d' ' -f1)"
done | awk -v base="$base" '{
    hand = ($2 - base) / 100; auto = ($3 - base) / 100
    printf "%-6s %10.0f %10.0f %12.3f %12d %12d\n", $1, hand, auto, auto / hand, $4, $5
}'

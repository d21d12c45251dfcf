#!/usr/bin/env bash
# Prints a table of what callbacks and promises cost: instructions and allocations. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."

built=$(cargo bench --quiet -p conjoin-adapters --bench round_trip --bench promise --no-run --message-format json)
executable() {
    sed -n 's/.*"target":{[^}]*"name":"'"$1"'".*"executable":"\([^"]*\)".*/\1/p' <<<"$built"
}
round_trip=$(executable round_trip) promise=$(executable promise)

count=1000
instructions() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 | sed -n 's/.*Collected : //p'; }
allocations() { valgrind --leak-check=no "$@" 2>&1 | sed -n 's/.*heap usage: \([0-9,]*\) allocs.*/\1/p' | tr -d ,; }

# row NAME PROGRAM CASE: one of `count` runs, without what the program costs that does nothing.
row() {
    local empty=(none "$count") arguments=("$3" "$count")
    awk -v name="$1" -v hand="${hand-}" -v count="$count" \
        -v instructions=$(($(instructions "$2" "${arguments[@]}") - $(instructions "$2" "${empty[@]}"))) \
        -v allocations=$(($(allocations "$2" "${arguments[@]}") - $(allocations "$2" "${empty[@]}"))) 'BEGIN {
            each = instructions / count
            ratio = hand ? sprintf(" (%.2f)", each / hand) : ""
            printf "| %s | %.0f%s | %.1f |\n", name, each, ratio, allocations / count
        }'
}

echo '| | instructions | allocations |'
echo '| --- | --: | --: |'
by_hand=$(row "a callback's round trip, by hand with tokio's \`oneshot\`" "$round_trip" hand)
echo "$by_hand"
hand=$(awk -F'|' '{ print $3 + 0 }' <<<"$by_hand") row 'the same with `from_callback`' "$round_trip" adapter
row '`then`, in a chain' "$promise" chain
row '`and_then`, in a chain' "$promise" asynchronous
row '`then`, all on one promise' "$promise" consumers
row '`.await`, next to the others' "$promise" awaiting

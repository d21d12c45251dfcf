#!/usr/bin/env bash
# Instructions for an item of a queue at concurrency 16, against tokio's Semaphore and JoinSet by hand. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."

bench=$(cargo bench --quiet -p conjoin-adapters --bench queue --no-run --message-format json |
    sed -n 's/.*"target":{[^}]*"name":"queue".*"executable":"\([^"]*\)".*/\1/p')

count() {
    valgrind --tool=callgrind --callgrind-out-file="${OUT:-/dev/null}" "$bench" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

base=$(count none)
for work in ready waits; do
    for items in 10000 100000; do
        declare -A each=()
        for what in hand frugal queue priority; do
            each[$what]=$((($(count "$what" "$items" "$work") - base) / items))
        done
        printf '%-5s %6d items: hand %d, frugal %d, queue %d, priority %d: %s and %s times the lesser by hand\n' \
            "$work" "$items" "${each[hand]}" "${each[frugal]}" "${each[queue]}" "${each[priority]}" \
            $(awk -v h="${each[hand]}" -v f="${each[frugal]}" -v q="${each[queue]}" -v p="${each[priority]}" \
                'BEGIN { l = h < f ? h : f; printf "%.2f %.2f", q / l, p / l }')
    done
done

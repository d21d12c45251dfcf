#!/usr/bin/env bash
# Instructions for a load of batch.rs, of so many that share a call, counted by callgrind. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v valgrind >/dev/null || { echo "$0: valgrind is missing; on Debian, \`apt install valgrind\`" >&2; exit 1; }

batch=$(cargo build --quiet --profile bench -p conjoin-benches --bin batch --message-format json |
    sed -n 's/.*"target":{[^}]*"name":"batch".*"executable":"\([^"]*\)".*/\1/p')

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$batch" "$@" 2>&1 | sed -n 's/.*Collected : //p'
}

base=$(count none)
printf '%-6s %8s %8s %8s %12s\n' loads direct hand batch dataloader
for loads in 1 10 100 1000; do
    printf '%-6s' "$loads"
    for what in direct hand batch dataloader; do
        printf ' %8d' $((($(count "$what" "$loads") - base) / (100 * loads)))
    done
    echo
done

#!/usr/bin/env bash
# Compares the public API of the packages that users depend on with what is committed, `api.txt` of each. With `--update` it
# writes that. Needs cargo-public-api and a nightly toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."

for folder in dsl runtime-adapters; do
    listed=$(cargo +nightly public-api --manifest-path "$folder/Cargo.toml" --all-features -sss)
    if [ "${1-}" = --update ]; then
        echo "$listed" >"$folder/api.txt"
    elif ! diff -u "$folder/api.txt" <(echo "$listed"); then
        echo "the public API of $folder has changed; if that is meant, run \`.ci/api.sh --update\`" >&2
        exit 1
    fi
done

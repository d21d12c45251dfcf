#!/usr/bin/env bash
# What the README shows, as on a new machine: builds the service, starts it without a database, asks for the same page in
# all modes, publishes a post, and stops the service.
set -euo pipefail

directory=$(mktemp -d)
cargo build --locked --quiet --package conjoin-examples --bin blog
cargo run --locked --quiet --package conjoin-examples --bin blog -- \
    --listen 127.0.0.1:0 --database "sqlite://$directory/blog.db" >"$directory/out" 2>"$directory/log" &
service=$!
trap 'kill "$service" 2>/dev/null || true; rm -rf "$directory"' EXIT

until grep -q '^listening on ' "$directory/out"; do
    kill -0 "$service" || { cat "$directory/log" >&2; exit 1; }
    sleep 0.1
done
url=$(sed -n 's/^listening on //p' "$directory/out")

for mode in sync layers brew promise auto concurrent; do
    curl --fail --silent --show-error "$url/$mode/1" >"$directory/$mode"
    curl --fail --silent --show-error "$url/$mode/1/activity" >"$directory/$mode-activity"
    cmp "$directory/sync" "$directory/$mode"
    cmp "$directory/sync-activity" "$directory/$mode-activity"
done
head -c 300 "$directory/auto"
echo
curl --fail --silent --show-error "$url/" >"$directory/page"
grep -q 'One page, six ways' "$directory/page"

curl --fail --silent --show-error "$url/posts" --json '{"user_id": 1, "title": "Hello", "comment": "first!"}'
echo
curl --fail --silent --show-error "$url/auto/1" >"$directory/auto"
grep -q '"title":"Hello"' "$directory/auto"

kill -TERM "$service"
wait "$service"

#!/usr/bin/env bash
# The README's first command on a machine that has never run it: builds the service, starts it on a database that is not
# there yet, asks it in both modes over HTTP, publishes a post, and ends it as a service is ended.
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

curl --fail --silent --show-error "$url/sync/1" >"$directory/sync"
curl --fail --silent --show-error "$url/auto/1" >"$directory/auto"
cmp "$directory/sync" "$directory/auto"
head -c 300 "$directory/auto"
echo

curl --fail --silent --show-error "$url/posts" --json '{"user_id": 1, "title": "Hello", "comment": "first!"}'
echo
curl --fail --silent --show-error "$url/auto/1" | grep -q '"title":"Hello"'

kill -TERM "$service"
wait "$service"

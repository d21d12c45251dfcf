#!/usr/bin/env bash
# The first steps of the tutorial, as a reader takes them: runs its commands, types what it shows, reads what it prints.
set -euo pipefail
book=$(cd "$(dirname "$0")/.." && pwd)
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$book/../target}"
beside=$(mktemp -d)
trap 'rm -rf "$beside"' EXIT
cd "$beside"
ln -s "$(dirname "$book")" conjoin

# The block of a chapter that begins with these words behind its fence and holds the given line, as it is shown.
block() {
    awk -v fence="\`\`\`$2" -v line="$3" '
        /^```/ { if (inside) { if (held) { printf "%s", text; exit } inside = 0 }
                 else if ($0 == fence) { inside = 1; held = 0; text = "" }
                 next }
        inside && !/^#( |$)/ { text = text $0 "\n"; if (index($0, line)) held = 1 }
    ' "$book/chapters/tutorial/$1.md"
}

prints() {
    cargo run --quiet | tee output
    grep -qx "$1" output || { echo "the tutorial says that this prints $1" >&2; exit 1; }
}

eval "$(block start sh 'cargo new')"
block start rust 'mod blog;' >src/main.rs
prints 60ms

main=$(sed -n '/^#\[tokio::main/,$p' src/main.rs)
{
    sed '/^async fn page/,$d' src/main.rs
    block graph rust 'async fn page'
    echo "$main"
} >graph.rs
mv graph.rs src/main.rs
prints 40ms

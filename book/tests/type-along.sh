#!/usr/bin/env bash
# The first steps of the README and of the tutorial, as a reader takes them: runs their commands, types what they show, and
# checks what that prints.
set -euo pipefail
book=$(cd "$(dirname "$0")/.." && pwd)
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$book/../target}"
beside=$(mktemp -d)
trap 'rm -rf "$beside"' EXIT
cd "$beside"
ln -s "$(dirname "$book")" conjoin

# The block of a page, `block PAGE LANGUAGE LINE`, in this language and with this line, without the lines that are hidden.
block() {
    awk -v fence="\`\`\`$2" -v line="$3" '
        /^```/ { if (inside) { if (held) { printf "%s", text; exit } inside = 0 }
                 else if ($0 == fence) { inside = 1; held = 0; text = "" }
                 next }
        inside && !/^#( |$)/ { text = text $0 "\n"; if (index($0, line)) held = 1 }
    ' "$1"
}
tutorial() { block "$book/chapters/tutorial/$1.md" "$2" "$3"; }

prints() {
    cargo run --quiet | tee output
    grep -qxF "$1" output || { echo "the page says that this prints $1" >&2; exit 1; }
}

readme="$book/../README.md"
# Until it is published, the package is in the clone.
eval "$(block "$readme" sh 'cargo new' | sed 's|^cargo add conjoin .*|cargo add conjoin --path ../conjoin/dsl|')"
block "$readme" rust 'fn main' >src/main.rs
prints '[posts of [user]], [comments of [user]]'
cd "$beside"

eval "$(tutorial start sh 'cargo new')"
tutorial start rust 'mod blog;' >src/main.rs
prints 60ms

main=$(sed -n '/^#\[tokio::main/,$p' src/main.rs)
{
    sed '/^async fn page/,$d' src/main.rs
    tutorial graph rust 'async fn page'
    echo "$main"
} >graph.rs
mv graph.rs src/main.rs
prints 40ms

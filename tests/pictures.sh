#!/usr/bin/env bash
# Shows what `explain!` draws to the tools that it is for, and leaves their pictures in target/pictures to be looked at.
# Needs Graphviz (`dot`), Chromium, and Node with npm, which gets Mermaid's own command line.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/target/pictures
mkdir -p "$out"

cargo build --quiet --package conjoin --features svg --example explain
draw() { "${CARGO_TARGET_DIR:-target}/debug/examples/explain" "$@"; }

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
printf '{ "executablePath": "%s", "args": ["--no-sandbox"] }\n' "$chromium" >"$out/puppeteer.json"
PUPPETEER_SKIP_DOWNLOAD=1 npm install --silent --no-audit --no-fund --prefix "$out" \
    @mermaid-js/mermaid-cli@11 puppeteer@24

fail() { echo "$*" >&2; exit 1; }

# How often a pattern is in a text; never is no failure.
count() { { grep -o -e "$1" || true; } | wc -l; }

for graph in empty page order names list; do
    draw "$graph" text >"$out/$graph.txt"
    draw "$graph" dot >"$out/$graph.dot"
    draw "$graph" mermaid >"$out/$graph.mmd"
    draw "$graph" svg >"$out/$graph.svg"
    tasks=$(count '<rect' <"$out/$graph.svg") arrows=$(count '<path class="e' <"$out/$graph.svg")

    dot -Tplain "$out/$graph.dot" >"$out/$graph.plain" 2>"$out/$graph.warnings"
    [ ! -s "$out/$graph.warnings" ] || fail "Graphviz on $graph: $(cat "$out/$graph.warnings")"
    [ "$(count '^node ' <"$out/$graph.plain")" = "$tasks" ] || fail "Graphviz does not see $tasks tasks in $graph"
    [ "$(count '^edge ' <"$out/$graph.plain")" = "$arrows" ] || fail "Graphviz does not see $arrows arrows in $graph"
    dot -Tpng "$out/$graph.dot" -o "$out/$graph.graphviz.png"

    mermaid() { "$out/node_modules/.bin/mmdc" --quiet -p "$out/puppeteer.json" -i "$out/$graph.mmd" -o "$1"; }
    mermaid "$out/$graph.mermaid.svg"
    mermaid "$out/$graph.mermaid.png"
    seen=$(count '<g class="node ' <"$out/$graph.mermaid.svg")
    [ "$seen" = "$tasks" ] || fail "Mermaid sees $seen of $tasks tasks in $graph"
    seen=$(count 'data-edge="true"' <"$out/$graph.mermaid.svg")
    [ "$seen" = "$arrows" ] || fail "Mermaid sees $seen of $arrows arrows in $graph"

    page=$("$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$profile" --dump-dom \
        "file://$out/$graph.svg" 2>"$out/$graph.log")
    case $page in *parsererror*) fail "the picture of $graph is no XML: $page" ;; esac
    case $page in *'<svg '*) ;; *) fail "Chromium shows nothing of $graph" ;; esac
    echo "$graph: $tasks tasks, $arrows arrows"
done

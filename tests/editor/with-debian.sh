#!/usr/bin/env bash
# Runs a command with the rust-analyzer, and the sources of the standard library, that Debian packages for its browsers
# (in bookworm-security and later). They are unpacked into target/, and not installed: they would replace rustup's.
set -euo pipefail
folder=$(realpath "$(dirname "$0")/../../target")/debian-rust-analyzer
if ! [ -e "$folder/unpacked" ]; then
    mkdir -p "$folder"
    cd "$folder"
    depends() { apt-cache depends "$1" | sed -n "s/^ *Depends: \($2.*\)/\1/p" | head -n 1; }
    std=$(depends rust-web-analyzer libstd-rust-web)
    apt-get download rust-web-analyzer rust-web-src "$std" "$(depends "$std" libllvm)"
    for package in ./*.deb; do dpkg -x "$package" root; done
    rm ./*.deb
    touch unpacked
    cd - >/dev/null
fi
libraries=$(find "$folder/root/usr/lib" -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd :)
program=$folder/root/usr/bin/rust-analyzer
printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$libraries" "$program" >"$folder/rust-analyzer"
chmod +x "$folder/rust-analyzer"
RUST_ANALYZER="$folder/rust-analyzer" RUST_SRC_PATH=$(echo "$folder"/root/usr/src/rustc-*/library) "$@"

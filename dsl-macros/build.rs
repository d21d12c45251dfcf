//! Finds out whether rustc tells macros where tokens stand, as it does since 1.88. `src/place.rs` needs it.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(has_places)");
    // A compiler that does not say which it is, is rather newer than older.
    if minor_version().is_none_or(|minor| minor >= 88) {
        println!("cargo::rustc-cfg=has_places");
    }
}

/// The `x` of `rustc 1.x.y`.
fn minor_version() -> Option<u32> {
    let output = Command::new(env::var_os("RUSTC")?)
        .arg("--version")
        .output()
        .ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version
        .strip_prefix("rustc 1.")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

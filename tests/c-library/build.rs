//! Builds the C libraries.

fn main() {
    println!("cargo::rerun-if-changed=c");
    let mut build = cc::Build::new();
    build
        .flag("-pthread")
        .warnings_into_errors(true)
        .std("c11")
        .define("_POSIX_C_SOURCE", "200809L");
    // Where Rust is built with the address sanitizer, C is too: it sees what C does with user data and buffers.
    let sanitizers = std::env::var("CARGO_CFG_SANITIZE").unwrap_or_default();
    if sanitizers.split(',').any(|name| name == "address") {
        build
            .flag("-fsanitize=address")
            .flag("-fno-omit-frame-pointer");
    }
    build
        .clone()
        .file("c/pool.c")
        .file("c/racer.c")
        .file("c/exports.c")
        .compile("callers");
    // What needs it is left out without it, and the tests say so: lints of all features are to pass everywhere.
    println!("cargo::rustc-check-cfg=cfg(c_ares_is_installed)");
    if std::env::var_os("CARGO_FEATURE_C_ARES").is_some() {
        if build
            .file("c/drive.c")
            .cargo_warnings(false)
            .try_compile("drive")
            .is_ok()
        {
            println!("cargo::rustc-cfg=c_ares_is_installed");
            println!("cargo::rustc-link-lib=cares");
        } else {
            // No such file exists, so c-ares is looked for again at each build. Its header would not do: a package manager gives
            // it a time in the past, and cargo would take this for no change.
            println!("cargo::rerun-if-changed=c-ares-is-installed");
            println!(
                "cargo::warning=c-ares and its headers are not installed: apt-get install libc-ares-dev"
            );
        }
    }
}

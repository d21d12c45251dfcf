//! Resolves names with c-ares, against a server on the loopback interface.
//!
//! `cargo run -p conjoin-adapters-c-library --features c-ares --example resolve [NAME]…`

#![cfg_attr(not(c_ares_is_installed), allow(unused_imports))]

use std::env;
use std::error::Error;
use std::ffi::CString;
use std::net::Ipv4Addr;
use std::thread;

#[cfg(c_ares_is_installed)]
use conjoin_adapters_c_library::resolver::{Resolver, serve};
use futures::executor::block_on;
use futures::future::join_all;

#[cfg(not(c_ares_is_installed))]
fn main() {
    eprintln!("c-ares and its headers are not installed: apt-get install libc-ares-dev");
    std::process::exit(1);
}

#[cfg(c_ares_is_installed)]
fn main() -> Result<(), Box<dyn Error>> {
    let mut names: Vec<String> = env::args().skip(1).collect();
    if names.is_empty() {
        names.extend(["present.test", "absent.test"].map(str::to_owned));
    }
    let resolver = Resolver::new(serve(Ipv4Addr::new(127, 0, 0, 42))?)?;
    let mut queries = Vec::new();
    for name in &names {
        queries.push(resolver.query(&CString::new(name.as_str())?));
    }
    let driving = thread::spawn(move || resolver.drive());
    for (name, answer) in names.iter().zip(block_on(join_all(queries))) {
        match answer {
            Ok(answer) => println!(
                "{name}: {} bytes, {:?}",
                answer.len(),
                answer.last_chunk::<4>()
            ),
            Err(error) => println!("{name}: {error}"),
        }
    }
    driving.join().map_err(|_| "the resolver panicked")?;
    Ok(())
}

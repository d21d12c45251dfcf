//! Requests for workers alone.

use std::env;
use std::future::pending;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conjoin_adapters::broker::{Delivery, Handlers, Request, is_worker};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::BEHAVIOUR;

macro_rules! request {
    ($name:literal, $type:ident { $($field:ident: $of:ty),* } -> $response:ty $(, $idempotent:literal)?) => {
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub(super) struct $type {
            $(pub(super) $field: $of,)*
        }

        impl Request for $type {
            const NAME: &'static str = $name;
            $(const IDEMPOTENT: bool = $idempotent;)?
            type Response = $response;
            type Error = String;
        }
    };
}

// Answers with its process, after this many milliseconds.
request!("sleep", Sleep { millis: u64 } -> u32);
// Blocks the worker for this long.
request!("block", Block { millis: u64 } -> ());
request!("print", Print { text: String } -> ());
// Ends the worker, on all deliveries up to this one; after that it answers with the attempt. The other request may be
// repeated.
request!("die", Die { until: u64 } -> u64);
request!("die-idempotently", DieIdempotently { until: u64 } -> u64, true);
// Hangs, and is counted meanwhile.
request!("count", Counted {} -> ());
request!("counts", Counts {} -> usize);
// Whether the process is a worker.
request!("role", Role {} -> bool);
// What this program prints as a child of the worker, with a socket as its standard input.
request!("grandchild", Grandchild {} -> String);

static HANGING: AtomicUsize = AtomicUsize::new(0);

struct Hanging;

impl Hanging {
    fn new() -> Self {
        HANGING.fetch_add(1, Ordering::SeqCst);
        Hanging
    }
}

impl Drop for Hanging {
    fn drop(&mut self) {
        HANGING.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(super) fn handlers() -> Handlers {
    let die = async |until, delivery: Delivery| {
        if delivery.attempt() <= until {
            std::process::exit(7);
        }
        Ok(delivery.attempt())
    };
    crate::requests::handlers()
        .on::<Sleep>(async |Sleep { millis }| {
            sleep(Duration::from_millis(millis)).await;
            Ok(std::process::id())
        })
        .on::<Block>(async |Block { millis }| {
            std::thread::sleep(Duration::from_millis(millis));
            Ok(())
        })
        .on::<Print>(async |Print { text }| {
            println!("{text}");
            eprintln!("{text}");
            Ok(())
        })
        .on_delivery::<Die>(move |Die { until }, delivery| die(until, delivery))
        .on_delivery::<DieIdempotently>(move |DieIdempotently { until }, delivery| {
            die(until, delivery)
        })
        .on::<Counted>(async |Counted {}| {
            let _hanging = Hanging::new();
            pending().await
        })
        .on::<Counts>(async |Counts {}| Ok(HANGING.load(Ordering::SeqCst)))
        .on::<Grandchild>(async |Grandchild {}| {
            let said = tokio::task::spawn_blocking(grandchild).await;
            said.expect("no panic").map_err(|error| error.to_string())
        })
        .on::<Role>(async |Role {}| Ok(is_worker()))
}

fn grandchild() -> io::Result<String> {
    let (_ours, stdin) = UnixStream::pair()?;
    let child = Command::new(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env(BEHAVIOUR, "grandchild")
        .stdin(Stdio::from(OwnedFd::from(stdin)))
        .output()?;
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("grandchild "));
    Ok(line.map_or_else(
        || String::from_utf8_lossy(&child.stderr).into_owned(),
        str::to_owned,
    ))
}

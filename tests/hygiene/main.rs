//! Callers that shadow every name that an expansion could use, under every lint.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
// They are about the functions and types around the graphs.
#![allow(
    clippy::future_not_send,
    clippy::missing_const_for_fn,
    clippy::redundant_clone,
    clippy::redundant_pub_crate,
    clippy::use_self
)]

/// A value that is not `Copy`.
#[derive(Debug, PartialEq)]
pub(crate) struct Tx(u8);

/// The error of its own that a graph can have.
#[derive(Debug)]
pub(crate) struct NotANumber;

impl From<::std::num::ParseIntError> for NotANumber {
    fn from(_: ::std::num::ParseIntError) -> Self {
        NotANumber
    }
}

/// A graph that changes and takes values in a series, in parallel and behind gates, some of them under
/// conditions. It resolves to its struct.
macro_rules! every_use {
    ($($option:tt)*) => {
        auto! {
            $($option)*
            tx => crate::Tx(0),
            order: [mut tx] => { tx.0 += 1; "4".parse::<u8>()? },
            seen: [tx, order as &order] => tx.0 + order,
            left: [mut tx as crate::Tx(n), seen] => { *n += seen; *n },
            right: [seen] if *seen > 100 => "x".parse::<u8>()?,
            sent: [move tx, left, right] => if right.is_none() { (tx, *left) } else { (crate::Tx(0), 0) },
            north_1 => crate::Tx(1),
            north_2: [mut north_1] => north_1.0 += 1,
            north_3: [north_2 as _, north_1 as crate::Tx(n)] if north_1_is_there(*n) => *n,
            north_4: [north_3, move north_1 as crate::Tx(n)] => (n, north_3.unwrap_or("1".parse()?)),
            south_1 => crate::Tx(1),
            south_2: [mut south_1] => { south_1.0 += 1; ::core::future::ready(()).await; },
            south_3: [south_2 as _, mut south_1, north_2] => { let () = *north_2; south_1.0 += 1; },
            dropped: [south_3 as _, move north_2 as _] if let 1 | 2 = 2 && true => "3".parse::<u8>()?,
            shared => crate::Tx(5),
            reader_1: [shared, south_2 as _] => shared.0,
            reader_2: [shared, north_2 as _] => shared.0,
            changer: [mut shared, reader_1, reader_2, south_1 as crate::Tx(n), south_3 as _] => {
                shared.0 += reader_1 + reader_2 + n;
            },
        }
    };
}

mod breaks;
mod conditions;
mod generics;
mod items;
mod options;
mod ownership;
mod task_names;
mod user_macros;
mod values;

mod crates;
mod explained;
mod prelude;

//! Where tokens stand in their file.
//!
//! rustc tells this since 1.88, which the build script checks. Outside a compiler, in tests of the stages, it is unknown.
//! Without places, an editor shows more meanings of a task's name, messages space code less well, and `explain!` has no
//! lines. Nothing else changes.

#![cfg_attr(
    has_places,
    allow(
        clippy::incompatible_msrv,
        reason = "the build script asks for the version"
    )
)]

#[cfg(has_places)]
use proc_macro::Span;

/// A line and a column.
pub(crate) type LineColumn = (usize, usize);

/// An empty span where `span` begins.
#[cfg(has_places)]
pub(crate) fn start(span: proc_macro2::Span) -> Option<proc_macro2::Span> {
    unwrap(span).map(|span| span.start().into())
}

/// An empty span where `span` ends.
#[cfg(has_places)]
pub(crate) fn end(span: proc_macro2::Span) -> Option<proc_macro2::Span> {
    unwrap(span).map(|span| span.end().into())
}

/// Where `span` begins and ends.
#[cfg(has_places)]
pub(crate) fn range(span: proc_macro2::Span) -> Option<[LineColumn; 2]> {
    let place = |span: Span| (span.line(), span.column());
    unwrap(span).map(|span| [place(span.start()), place(span.end())])
}

#[cfg(has_places)]
fn unwrap(span: proc_macro2::Span) -> Option<Span> {
    proc_macro::is_available().then(|| span.unwrap())
}

#[cfg(not(has_places))]
mod unknown {
    use super::LineColumn;
    use proc_macro2::Span;

    pub(crate) fn start(_: Span) -> Option<Span> {
        None
    }

    pub(crate) fn end(_: Span) -> Option<Span> {
        None
    }

    pub(crate) fn range(_: Span) -> Option<[LineColumn; 2]> {
        None
    }
}

#[cfg(not(has_places))]
pub(crate) use unknown::{end, range, start};

/// The line in which `span` begins, from 1.
pub(crate) fn line(span: proc_macro2::Span) -> Option<usize> {
    range(span).map(|[(line, _), _]| line)
}

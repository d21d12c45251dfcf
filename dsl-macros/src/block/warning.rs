//! The warning for a block in which nothing runs concurrently, at the first statement that prevents it.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::Stmt;

use super::group::{Group, Order};
use super::statement::{Barrier, Statement, start};
use super::{Private, ours, unused_call};

/// The first reason why nothing runs concurrently.
pub(super) struct Warning {
    kind: Kind,
    at: [Span; 2],
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// No line can run concurrently with another.
    NoLine,
    /// Only one line can.
    OneLine,
    /// The line uses what the one before it binds.
    Needs,
    /// Two lines use what one of them changes.
    Changes,
    /// A barrier between two lines.
    Between(Barrier),
}

impl Warning {
    pub(super) fn find(statements: &[Stmt]) -> Self {
        let whole = |statement: &Stmt| {
            let mut tokens = statement.to_token_stream().into_iter();
            let first = tokens.next().map(|it| it.span());
            [first.unwrap_or_else(|| start(statement)); 2]
        };
        let nothing = Warning {
            kind: Kind::NoLine,
            at: statements.first().map_or([Span::call_site(); 2], whole),
        };
        let read: Vec<_> = statements.iter().map(Statement::read).collect();
        let mut lines = (0..read.len()).filter(|&it| read[it].is_ok());
        let Some(first) = lines.next() else {
            return nothing;
        };
        if lines.next().is_none() {
            return Warning {
                kind: Kind::OneLine,
                at: whole(&statements[first]),
            };
        }
        let next = first + 1;
        if let Err(barrier) = read[next] {
            return Warning {
                kind: Kind::Between(barrier),
                at: whole(&statements[next]),
            };
        }
        let pair = statements[first..=next].iter();
        let pair: Vec<_> = pair.filter_map(|it| Statement::read(it).ok()).collect();
        let group = Group::new(pair, BTreeSet::new());
        let (kind, name) = match group.order(0, 1) {
            Some(Order::Use(name)) => (Kind::Needs, name),
            Some(Order::Change(name)) => (Kind::Changes, name),
            None => return nothing,
        };
        let place = group.statements[1].place_of(&name);
        let at = place.map_or_else(|| whole(&statements[next]), |place| [place; 2]);
        Warning { kind, at }
    }

    pub(super) fn tokens(&self, private: &Private) -> TokenStream {
        let kind = match self.kind {
            Kind::NoLine => ours!(no_line),
            Kind::OneLine => ours!(one_line),
            Kind::Needs => ours!(needs_line_before),
            Kind::Changes => ours!(changes_same_variable),
            Kind::Between(barrier) => match barrier {
                Barrier::Statement => ours!(statement_between),
                Barrier::NoAwait => ours!(line_without_await),
                Barrier::Cfg => ours!(line_with_attribute),
                Barrier::Sequential => ours!(sequential_line),
                Barrier::Else => ours!(line_with_else),
                Barrier::Leaves => ours!(line_with_break),
                Barrier::NoName => ours!(line_without_name),
                Barrier::Temporary => ours!(line_with_temporary),
            },
        };
        let call = unused_call(self.at, &TokenStream::new());
        ours!(if false { use #private::#kind as __conjoin_unused; #call })
    }
}

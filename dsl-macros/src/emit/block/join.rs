//! Children that the block around them polls.
//!
//! `__conjoin_end` is the first statement that leaves the block: what is written after it is dropped at once, and what is
//! written before it runs to completion.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};

use super::{Printer, Scope, future, held, output};
use crate::block::Exit;
use crate::emit::Private;
use crate::lower::{GroupChild, GroupStart};
use crate::syntax::calls::Call;

impl Printer<'_> {
    pub(super) fn join(
        &self,
        children: &[GroupChild],
        scope: &Scope<'_>,
        pace: usize,
    ) -> TokenStream {
        let pace = (pace * children.len()).min(1 << 16);
        let all: Vec<_> = children.iter().collect();
        let setup = self.set_up(&all);
        let starts = children.iter().map(|child| self.start(child, &all, pace));
        let wait = self.wait(&all, &all, pace);
        let outputs = all.iter().map(|child| output(child));
        let outputs = outputs
            .map(|it| it.to_token_stream())
            .chain(kept_exits(&all));
        let outputs: Vec<_> = outputs.collect();
        let bound = self.bind(children, &[], scope);
        ours! {
            let (#(#outputs,)*) = { #setup #(#starts)* #wait (#(#outputs,)*) };
            #bound
        }
    }

    /// Straight code: the variables are declared before it, because children of later stages borrow them.
    pub(super) fn staged(
        &self,
        stages: &[GroupStart],
        scope: &Scope<'_>,
        pace: usize,
    ) -> TokenStream {
        let mut statements: Vec<_> = stages
            .iter()
            .flat_map(|it| &it.children)
            .map(GroupChild::first)
            .collect();
        statements.sort_unstable();
        let variables = statements.iter().flat_map(|&it| self.group.variables(it));
        let declared = variables.map(|variable| {
            let (name, mutable) = (&variable.name, variable.is_mut.then(|| ours!(mut)));
            ours!(#[allow(unused_assignments, clippy::needless_late_init)] let #mutable #name;)
        });
        let all: Vec<_> = stages.iter().flat_map(|it| &it.children).collect();
        let setup = self.set_up(&all);
        let mut steps = TokenStream::new();
        let mut running: Vec<&GroupChild> = Vec::new();
        for stage in stages {
            for child in &stage.children {
                steps.extend(self.start(child, &all, pace));
                running.push(child);
            }
            running.sort_by_key(|child| child.first());
            let ends = |child: &&&GroupChild| stage.finish.contains(&child.first());
            let awaited: Vec<_> = running.iter().filter(ends).copied().collect();
            steps.extend(self.wait(&running, &awaited, pace));
            for child in running.iter().filter(|it| it.exit == Exit::Question) {
                let (first, value) = (place_of(child), self.questioned(child, scope));
                steps.extend(ours!(if __conjoin_end == #first { let _ = #value; }));
            }
            for exit in [Exit::Questions, Exit::Anywhere] {
                if let Some(child) = all.iter().find(|it| it.exit == exit) {
                    let (kept, leave) = (kept_exit(exit), self.leave(child, scope.host));
                    steps.extend(ours!(if #kept.is_some() { #leave; }));
                }
            }
            for child in awaited {
                steps.extend(self.assign(child, scope));
            }
            running.retain(|child| !stage.finish.contains(&child.first()));
        }
        ours!(#(#declared)* { #setup #steps })
    }

    /// Gives the variables of a statement their values.
    fn assign(&self, child: &GroupChild, scope: &Scope<'_>) -> TokenStream {
        let statement = self.statement(child.first());
        let value = self.questioned(child, scope);
        let attributes = &statement.local.attrs;
        let pattern = &statement.local.pat;
        let names: Vec<_> = statement.variables.iter().map(held).collect();
        let (target, values) = match &names[..] {
            [name] => (ours!(#name), ours!(#name)),
            names => (ours!((#(#names),*)), ours!((#(#names),*))),
        };
        ours! {
            #[allow(unused_assignments)]
            { #target = { #(#attributes)* let #pattern = #value; #values }; }
        }
    }

    /// The output of a child of a stage, which leaves the block if it is an error.
    fn questioned(&self, child: &GroupChild, scope: &Scope<'_>) -> TokenStream {
        let (private, output) = (self.private, output(child));
        let value = ours!(take(&mut #output));
        if child.exit == Exit::Question {
            self.with_question(child, &value, scope)
        } else {
            ours!(#private::#value)
        }
    }

    /// Statements before the first child starts.
    pub(super) fn set_up(&self, children: &[&GroupChild]) -> TokenStream {
        let private = self.private;
        let can_exit = children.iter().any(|it| it.can_exit());
        let end = can_exit.then(|| {
            let max = self.most();
            ours! {
                #[allow(unused_imports)]
                use #private::{MayExit as _, NeverExits as _};
                #[allow(clippy::useless_let_if_seq)]
                let mut __conjoin_end = #max;
            }
        });
        let exits = kept_exits(children);
        let exits = exits.map(
            |exit| ours!(#[allow(clippy::useless_let_if_seq)] let mut #exit = #private::None;),
        );
        ours!(#end #(#exits)*)
    }

    /// The place of no statement, in a type that is large enough.
    fn most(&self) -> TokenStream {
        if self.group.statements.len() < usize::from(u8::MAX) {
            ours!(::core::primitive::u8::MAX)
        } else {
            ours!(::core::primitive::u16::MAX)
        }
    }

    /// Statements that start a child and poll it for the first time, unless a statement before it has left the block.
    fn start(&self, child: &GroupChild, all: &[&GroupChild], pace: usize) -> TokenStream {
        let (private, name, output) = (self.private, future(child), output(child));
        let part = self.part(child);
        let poll = self.poll(child);
        let is_later = is_later(child, all);
        let first = place_of(child);
        let poll = if is_later {
            ours!(if __conjoin_end > #first { #poll })
        } else {
            poll
        };
        let pinned = match &child.call {
            // Its arguments are evaluated when it starts.
            Some(call) if !self.is_traced => {
                let call = self.call(call);
                let call = if is_later {
                    ours!(if __conjoin_end > #first { #private::call(#call) } else { #private::None })
                } else {
                    ours!(#private::call(#call))
                };
                called(private, &name, &call)
            }
            _ => {
                let made = self.future(child, &[], pace);
                if is_later {
                    called(private, &name, &ours!(#private::Some(#made)))
                } else {
                    ours!(let mut #name = #private::pin!(#made);)
                }
            }
        };
        ours! {
            #pinned
            #part
            #[allow(clippy::collection_is_never_read, clippy::useless_let_if_seq)]
            let mut #output = #private::None;
            #poll
        }
    }

    /// The closure that makes the future of a bare call.
    fn call(&self, call: &Call) -> TokenStream {
        let (private, called) = (self.private, &call.called);
        // rustc reports "… is not a future" at the `.await`.
        let awaited = Ident::new(
            "__conjoin_awaited",
            Span::mixed_site().located_at(call.await_span),
        );
        // By the place of the closure, rustc says which line borrows or moves what.
        let place = called.first().map_or_else(Span::call_site, TokenTree::span);
        let body = ours!({ use #private::Awaited as _; #(#called)*.#awaited() });
        quote_spanned!(Span::mixed_site().located_at(place)=> || #body)
    }

    /// The statement that polls a child once.
    fn poll(&self, child: &GroupChild) -> TokenStream {
        let (private, name) = (self.private, future(child));
        let completed = self.completed(child);
        ours! {
            if let #private::Poll::Ready(__conjoin_result) = #private::poll_once(#name.as_mut()).await {
                #completed
            }
        }
    }

    /// Statements for the `__conjoin_result` of a child.
    pub(super) fn completed(&self, child: &GroupChild) -> TokenStream {
        let (private, output, first) = (self.private, output(child), place_of(child));
        match child.exit {
            Exit::Never => ours!(#output = #private::Some(__conjoin_result);),
            Exit::Question => ours! {
                if (&__conjoin_result).__conjoin_exits() { __conjoin_end = #first; }
                #output = #private::Some(__conjoin_result);
            },
            exit @ (Exit::Questions | Exit::Anywhere) => {
                let kept = kept_exit(exit);
                ours! {
                    match __conjoin_result {
                        #private::Ok(__conjoin_value) => #output = #private::Some(__conjoin_value),
                        #private::Err(__conjoin_error) => {
                            #kept = #private::Some(__conjoin_error);
                            __conjoin_end = #first;
                        }
                    }
                }
            }
        }
    }

    /// Statements that poll `running`, which all have been polled in this very poll of the block, until all of `awaited` have
    /// ended; or if one leaves the block, all that are written before it.
    fn wait(&self, running: &[&GroupChild], awaited: &[&GroupChild], pace: usize) -> TokenStream {
        let (private, width) = (self.private, running.len());
        let can_exit = running.iter().any(|it| it.can_exit());
        let polls = running.iter().map(|child| {
            let (poll, output, first) = (self.poll(child), output(child), place_of(child));
            let leaves = |it: &&&GroupChild| it.can_exit() && it.first() <= child.first();
            let leaves: Vec<_> = running.iter().filter(leaves).collect();
            let is_called = child.call.is_some() && !self.is_traced || is_later(child, running);
            let is_running = if is_called {
                None
            } else {
                Some(ours!(#output.is_none()))
            };
            match (leaves.is_empty(), is_running) {
                (true, None) => poll,
                (true, Some(is_running)) => ours!(if #is_running { #poll }),
                (false, None) => ours!(if __conjoin_end > #first { #poll }),
                (false, Some(is_running)) => {
                    ours!(if __conjoin_end > #first && #is_running { #poll })
                }
            }
        });
        let polls: Vec<_> = polls.collect();
        let round = match &polls[..] {
            [poll] => poll.clone(),
            [first, second] => ours! {
                let __conjoin_first = __conjoin_turn.step();
                if __conjoin_first == 1 { #second }
                #first
                if __conjoin_first == 0 { #second }
            },
            polls => {
                let last = width - 1;
                let arms = polls.iter().enumerate().map(|(at, poll)| {
                    let next = if at == last { 0 } else { at + 1 };
                    let pattern = if at == last { ours!(_) } else { ours!(#at) };
                    ours!(#pattern => { #poll __conjoin_at = #next; })
                });
                ours! {
                    let mut __conjoin_at = __conjoin_turn.step();
                    for _ in 0..#width { match __conjoin_at { #(#arms)* } }
                }
            }
        };
        let turn = (width > 1)
            .then(|| ours!(let mut __conjoin_turn = #private::Turn::<#width, #pace>::new();));
        let drops = can_exit.then(|| drops(running));
        let max = self.most();
        let is_awaited = |child: &GroupChild| awaited.iter().any(|it| it.first() == child.first());
        let pending = running.iter().filter_map(|child| {
            let (output, first) = (output(child), place_of(child));
            match (can_exit, is_awaited(child)) {
                (false, true) => Some(ours!(#output.is_none())),
                (false, false) => None,
                (true, true) => Some(ours!(__conjoin_end > #first && #output.is_none())),
                (true, false) => Some(
                    ours!(__conjoin_end != #max && __conjoin_end > #first && #output.is_none()),
                ),
            }
        });
        ours! {
            #drops
            #turn
            while #(#pending)||* {
                #private::suspend().await;
                #round
                #drops
            }
        }
    }

    pub(super) fn part(&self, child: &GroupChild) -> Option<TokenStream> {
        let (private, name) = (self.private, future(child));
        self.is_traced
            .then(|| ours!(#private::part!(__conjoin_is_recorded, #name);))
    }
}

/// Whether a line before a child can leave the block, so that its future may be dropped before the others.
fn is_later(child: &GroupChild, all: &[&GroupChild]) -> bool {
    all.iter()
        .any(|it| it.can_exit() && it.first() < child.first())
}

fn called(private: &Private, name: &Ident, future: &TokenStream) -> TokenStream {
    ours! {
        let #name = #private::pin!(#future);
        let mut #name = #private::Called::new(#name);
    }
}

/// The place of a child in the source.
pub(super) fn place_of(child: &GroupChild) -> Literal {
    Literal::usize_unsuffixed(child.first())
}

/// The statement that drops what is written after a statement that has left the block.
pub(super) fn drops(children: &[&GroupChild]) -> TokenStream {
    let Some(last) = children.last().map(|it| place_of(it)) else {
        return TokenStream::new();
    };
    let first = children
        .iter()
        .find(|it| it.can_exit())
        .map(|it| it.first());
    let behind = children.iter().filter(|it| Some(it.first()) > first);
    let drops: Vec<_> = behind
        .map(|child| {
            let (name, first) = (future(child), place_of(child));
            ours!(if __conjoin_end < #first { #name.drop_future(); })
        })
        .collect();
    match &drops[..] {
        [] => TokenStream::new(),
        [drop] => drop.clone(),
        drops => ours!(if __conjoin_end < #last { #(#drops)* }),
    }
}

/// The variables of the exits that children resolve to.
pub(super) fn kept_exits(children: &[&GroupChild]) -> impl Iterator<Item = TokenStream> {
    let exits = [Exit::Questions, Exit::Anywhere];
    let is_there = |exit: &Exit| children.iter().any(|it| it.exit == *exit);
    exits
        .into_iter()
        .filter(is_there)
        .map(kept_exit)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Exits by `?` alone are smaller than the type of the whole block.
pub(super) fn kept_exit(exit: Exit) -> TokenStream {
    if exit == Exit::Questions {
        ours!(__conjoin_exit)
    } else {
        ours!(__conjoin_left)
    }
}

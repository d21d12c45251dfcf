//! The code of a child: one line with the slots it uses, or several lines.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::Expr;
use syn::ext::IdentExt as _;

use super::{
    Host, Printer, Scope, giver, held, kept, place, setter, token, typed, without_references,
};
use crate::block::{Exit, lend};
use crate::editor::in_front_of;
use crate::emit::{async_block, bundle};
use crate::lower::{GroupChild, GroupContent, GroupKind, GroupOutput, GroupSlot};

impl Printer<'_> {
    /// The future of a child. It resolves to a `Result` of its output and its exit if it can leave anywhere.
    pub(super) fn future(
        &self,
        child: &GroupChild,
        slots: &[GroupSlot],
        pace: usize,
    ) -> TokenStream {
        let private = self.private;
        let host = match child.exit {
            Exit::Questions => Host::Child,
            Exit::Never | Exit::Question | Exit::Anywhere => Host::Block,
        };
        let (statements, made) = match &child.content {
            GroupContent::Statement(statement) => self.run(*statement, child, slots, host),
            GroupContent::Node(node) => {
                let output: &[_] = match &child.output {
                    GroupOutput::Variables(variables) => variables,
                    GroupOutput::Value(_) => &[],
                };
                let scope = Scope {
                    host,
                    statements: &child.statements,
                    output,
                };
                (
                    self.node(node, &scope, pace),
                    self.made(&child.output, &scope),
                )
            }
        };
        let block = if child.exit == Exit::Anywhere {
            let inner = self.placed(
                child,
                ours!({ __conjoin_value = #private::Some({ #statements #made }); __conjoin_completion.reach().await }),
            );
            ours!({
                let mut __conjoin_value = #private::None;
                let __conjoin_completion = #private::Completion::new();
                let __conjoin_exit = {
                    let __conjoin_code = #private::pin!(#inner);
                    __conjoin_completion.or_exit(__conjoin_code).await
                };
                match __conjoin_exit {
                    #private::None => #private::Ok(#private::taken(__conjoin_value)),
                    #private::Some(__conjoin_exit) => #private::Err(__conjoin_exit),
                }
            })
        } else if child.exit == Exit::Questions {
            ours!({ #statements #private::Ok(#made) })
        } else if matches!(&child.output, GroupOutput::Variables(none) if none.is_empty()) {
            ours!({ #statements })
        } else {
            ours!({ #statements #made })
        };
        self.placed(child, block)
    }

    /// The output of a child whose statements have completed.
    pub(super) fn made(&self, output: &GroupOutput, scope: &Scope<'_>) -> TokenStream {
        match output {
            GroupOutput::Value(_) => ours!(__conjoin_value),
            GroupOutput::Variables(variables) => {
                bundle(variables.iter().map(|(binder, variable)| {
                    let name = match self.hides(*binder, variable, scope) {
                        Some(_) => kept(*binder, variable),
                        None => held(variable),
                    };
                    ours!(#name)
                }))
            }
        }
    }

    /// Statements that run one statement, and the expression of its output.
    pub(super) fn run(
        &self,
        index: usize,
        child: &GroupChild,
        slots: &[GroupSlot],
        host: Host,
    ) -> (TokenStream, TokenStream) {
        let private = self.private;
        let statement = self.statement(index);
        let (taken, put_back) = Self::reach(index, slots);
        let attributes = &statement.local.attrs;
        let expression = self.lent(index, slots, host);
        let (starts, ends) = (self.starts(index), self.ends());
        if let GroupOutput::Variables(_) = child.output {
            let (pattern, _) = without_references(&statement.local.pat);
            let (pattern, kind) = typed(pattern);
            let own = slots.iter().filter(|slot| slot.binder() == Some(index));
            let fills = own.map(|slot| {
                let (setter, name) = (setter(slot), held(&slot.variable));
                if let GroupKind::Lent(_) = slot.kind {
                    ours!(#setter.set(#name);)
                } else {
                    ours!(#setter.give(#name);)
                }
            });
            let statements = ours! {
                #taken #starts
                #(#attributes)* let __conjoin_value #kind = #expression;
                #ends #put_back
                #(#attributes)* let #pattern = __conjoin_value;
                #(#fills)*
            };
            return (statements, self.made(&child.output, &Scope::default()));
        }
        let (value, kind) = match (&expression, child.exit) {
            // Its `?` comes after the group, in the block itself.
            (Expr::Try(fallible), Exit::Question) => (fallible.expr.to_token_stream(), None),
            (expression, _) => (
                expression.to_token_stream(),
                typed(statement.local.pat.clone()).1,
            ),
        };
        let ends = ends.map(|ends| {
            if child.exit == Exit::Question {
                ours! {{
                    use #private::{MayExit as _, NeverExits as _};
                    #private::left!(__conjoin_is_recorded, __conjoin_value);
                    if !(&__conjoin_value).__conjoin_exits() { #ends }
                }}
            } else {
                ends
            }
        });
        let statements = ours! {
            #taken #starts
            #(#attributes)* let __conjoin_value #kind = #value;
            #ends #put_back
        };
        (statements, ours!(__conjoin_value))
    }

    /// Statements before and after a statement that uses values in slots.
    pub(super) fn reach(statement: usize, slots: &[GroupSlot]) -> (TokenStream, TokenStream) {
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        for slot in slots.iter().filter(|it| it.users.contains(&statement)) {
            let (place, name) = (place(slot), &slot.variable.name);
            if let GroupKind::Lent(_) = slot.kind {
                before.extend(ours!(#[allow(unused_variables)] let #name = #place.get();));
                continue;
            }
            let (token, giver) = (token(slot, statement), giver(slot));
            let mutable = slot.variable.is_mut.then(|| ours!(mut));
            let is_put_back = slot.is_put_back_by(statement);
            let back = if is_put_back { ours!(#giver) } else { ours!(_) };
            before.extend(ours! {
                #[allow(unused_variables, unused_mut)]
                let (#mutable #name, #back) = #token.take();
            });
            if is_put_back {
                after.extend(ours!(#giver.give(#name);));
            }
        }
        (before, after)
    }

    /// The expression of a statement, with `(*name)` for lent variables.
    pub(super) fn lent(&self, statement: usize, slots: &[GroupSlot], host: Host) -> Expr {
        let lent = slots.iter().filter(|slot| {
            slot.users.contains(&statement)
                && match slot.kind {
                    GroupKind::Lent(_) => slot.variable.by_ref.is_none(),
                    GroupKind::Outside => true,
                    GroupKind::Passed(..) | GroupKind::Behind => false,
                }
        });
        let names: BTreeSet<_> = lent
            .map(|slot| slot.variable.name.unraw().to_string())
            .collect();
        let mut expression = self.statement(statement).expression().clone();
        lend(&mut expression, names);
        (self.within)(&mut expression, host);
        expression
    }

    /// An `async` block at the place of a child's code.
    pub(super) fn placed(&self, child: &GroupChild, block: TokenStream) -> TokenStream {
        let span = |statement: &usize, is_first: bool| {
            let tokens = self.statement(*statement).expression().to_token_stream();
            let tokens: Vec<_> = tokens.into_iter().collect();
            let token = if is_first {
                tokens.first()
            } else {
                tokens.last()
            };
            token.map(|token| match token {
                TokenTree::Ident(ident) if is_first => in_front_of(ident.span()),
                token => token.span(),
            })
        };
        let first = child.statements.first().and_then(|it| span(it, true));
        let last = child.statements.last().and_then(|it| span(it, false));
        async_block(first, last, block)
    }
}

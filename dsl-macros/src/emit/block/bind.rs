//! The outputs of children: exits leave the block, and values bind the variables.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Expr;

use super::{Host, Printer, Scope, kept, leave_child, output, place, rebound};
use crate::block::{Exit, Variable};
use crate::emit::bundle;
use crate::lower::{GroupChild, GroupKind, GroupOutput, GroupSlot};

impl Printer<'_> {
    /// Statements that destructure the outputs of children and bind the variables, in source order.
    pub(super) fn bind(
        &self,
        children: &[GroupChild],
        slots: &[GroupSlot],
        scope: &Scope<'_>,
    ) -> TokenStream {
        let private = self.private;
        let mut statements = TokenStream::new();
        // Exits first: the earliest one leaves before any later value is bound.
        for child in children {
            let output = output(child);
            let value = match child.exit {
                Exit::Never => ours!(#private::taken(#output)),
                Exit::Question => self.with_question(child, &ours!(taken(#output)), scope),
                Exit::Questions | Exit::Anywhere => {
                    let leave = self.leave(child, scope.host);
                    ours! {
                        match #output {
                            #private::Some(__conjoin_value) => __conjoin_value,
                            #private::None => #leave,
                        }
                    }
                }
            };
            statements.extend(match &child.output {
                GroupOutput::Value(statement) => {
                    let name = super::value(*statement);
                    ours!(let #name = #value;)
                }
                GroupOutput::Variables(variables) => {
                    let names = variables.iter().map(|(statement, variable)| {
                        let name = kept(*statement, variable);
                        ours!(#name)
                    });
                    let names = bundle(names);
                    ours!(let #names = #value;)
                }
            });
        }
        let mut all: Vec<_> = children
            .iter()
            .flat_map(|child| &child.statements)
            .copied()
            .collect();
        all.sort_unstable();
        for statement in all {
            let child = children
                .iter()
                .find(|child| child.statements.contains(&statement));
            let child = child.expect("each statement is in a child");
            match &child.output {
                GroupOutput::Value(_) => statements.extend(self.bound(statement, scope)),
                GroupOutput::Variables(variables) => {
                    statements.extend(self.aside(statement, scope));
                    for variable in self.group.variables(statement) {
                        let is_it = |(other, it): &(usize, Variable)| {
                            *other == statement && it.name == variable.name
                        };
                        let slot = slots.iter().find(|it| it.is_of(statement, variable));
                        let value = match slot.map(|slot| (slot.kind, place(slot))) {
                            Some((GroupKind::Lent(_) | GroupKind::Passed(_, true), place)) => {
                                ours!(#place.into_value())
                            }
                            None if variables.iter().any(is_it) => {
                                let name = kept(statement, variable);
                                ours!(#name)
                            }
                            // A line has moved it.
                            _ => continue,
                        };
                        statements.extend(rebound(variable, &value));
                    }
                }
            }
        }
        statements
    }

    /// A call of our function, with the `?` at the end of a child's statement.
    pub(super) fn with_question(
        &self,
        child: &GroupChild,
        value: &TokenStream,
        scope: &Scope<'_>,
    ) -> TokenStream {
        let (operand, question) = match self.statement(child.first()).expression() {
            Expr::Try(fallible) => (&fallible.expr, &fallible.question_token),
            _ => unreachable!("the statement ends in a `?`"),
        };
        // rustc reports its errors at the operand.
        let last = operand.to_token_stream().into_iter().last();
        let (span, private) = self
            .private
            .placed(last.map_or(question.span, |it| it.span()));
        let value = value.clone().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        });
        let value: TokenStream = value.collect();
        let value = quote_spanned!(span=> #private::#value);
        match scope.host {
            Host::Block => quote!(#value #question),
            Host::Child => leave_child(self.private, &value, question.span),
        }
    }

    /// The expression that leaves the surrounding block with a stored exit.
    pub(super) fn leave(&self, child: &GroupChild, host: Host) -> TokenStream {
        let private = self.private;
        match (child.exit, host) {
            (Exit::Questions, Host::Child) => {
                ours!(return #private::Err(#private::taken(__conjoin_exit)))
            }
            (Exit::Questions, Host::Block) => {
                let questions = child
                    .statements
                    .iter()
                    .filter_map(|&it| self.statement(it).question());
                // rustc reports errors about its type at a `?`.
                let place = questions
                    .into_iter()
                    .next()
                    .unwrap_or_else(Span::mixed_site);
                let (place, there) = private.placed(place);
                quote_spanned!(place=> return #there::LineOutcome::leave(#there::taken(__conjoin_exit)))
            }
            _ => ours!(return #private::taken(__conjoin_left)),
        }
    }
}

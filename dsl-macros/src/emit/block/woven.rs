//! Chains whose lines are interleaved in the source.
//!
//! When a line leaves the block, the loop polls the chains once more. A chain whose current line comes later in the
//! source drops it and stops. The other chains run on to their last line before the exit.

use proc_macro2::TokenStream;

use super::join::{kept_exit, kept_exits, place_of};
use super::{Host, Printer, Scope, future, output, value};
use crate::block::Exit;
use crate::lower::{GroupChild, GroupOutput};

impl Printer<'_> {
    pub(super) fn woven(
        &self,
        children: &[GroupChild],
        scope: &Scope<'_>,
        pace: usize,
    ) -> TokenStream {
        let private = self.private;
        let width = children.len();
        let pace = (pace * width).min(1 << 16);
        let all: Vec<_> = children.iter().collect();
        let pins = children.iter().map(|child| {
            let (name, output) = (future(child), output(child));
            let (made, part) = (self.chain(child, children), self.part(child));
            ours! {
                let #name = #private::pin!(#private::Some(#made));
                let mut #name = #private::Called::new(#name);
                #part
                let mut #output = #private::None;
            }
        });
        let arms = children.iter().enumerate().map(|(at, child)| {
            let (name, output, kept) = (future(child), output(child), kept_exit(child.exit));
            let next = if at + 1 == width { 0 } else { at + 1 };
            let pattern = if next == 0 { ours!(_) } else { ours!(#at) };
            ours! {
                #pattern => {
                    match #private::poll_once(#name.as_mut()).await {
                        #private::Poll::Ready(#private::Ok(__conjoin_value)) => {
                            #output = #private::Some(__conjoin_value);
                        }
                        #private::Poll::Ready(#private::Err(__conjoin_error)) => {
                            #kept = #private::Some(__conjoin_error);
                        }
                        #private::Poll::Pending if __conjoin_exits.has_stopped() => {
                            #name.drop_future();
                        }
                        #private::Poll::Pending => {}
                    }
                    __conjoin_at = #next;
                }
            }
        });
        let exits: Vec<_> = kept_exits(&all).collect();
        let outputs: Vec<_> = all.iter().map(|child| output(child)).collect();
        let are_over = all.iter().map(|child| future(child));
        let bound = self.bind(children, &[], scope);
        ours! {
            let (#(#outputs,)* #(#exits,)*) = {
                let __conjoin_exits = #private::Exits::new();
                #(let mut #exits = #private::None;)*
                #(#pins)*
                let mut __conjoin_turn = #private::Turn::<#width, #pace>::new();
                let mut __conjoin_at = 0;
                loop {
                    for _ in 0..#width { match __conjoin_at { #(#arms)* } }
                    if #(#are_over.is_over())&&* {
                        break;
                    }
                    if !__conjoin_exits.is_new() {
                        #private::suspend().await;
                        __conjoin_at = __conjoin_turn.step();
                    }
                }
                (#(#outputs,)* #(#exits,)*)
            };
            #bound
        }
    }

    /// The future of a chain: its lines in sequence, each in a block of its own if an exit can end it.
    fn chain(&self, chain: &GroupChild, all: &[GroupChild]) -> TokenStream {
        let private = self.private;
        let output: &[_] = match &chain.output {
            GroupOutput::Variables(variables) => variables,
            GroupOutput::Value(_) => &[],
        };
        let scope = Scope {
            host: Host::Child,
            statements: &chain.statements,
            output,
        };
        let mut statements = TokenStream::new();
        for &statement in &chain.statements {
            let others = all.iter().flat_map(|it| &it.statements);
            let mut others = others.filter(|it| !chain.statements.contains(it));
            let is_later =
                others.any(|&it| it < statement && self.statement(it).exit != Exit::Never);
            let child = GroupChild::of(self.group, statement).leaving_itself();
            if !is_later && !child.can_exit() {
                statements.extend(self.as_written(statement, &scope));
                continue;
            }
            let (code, place) = (self.future(&child, &[], 1), place_of(&child));
            let made = if is_later {
                ours! {{
                    let __conjoin_code = #private::pin!(#private::Some(#code));
                    __conjoin_exits.unless_left_before(#place, __conjoin_code).await
                }}
            } else {
                ours!(#code.await)
            };
            let made = match (child.exit, chain.exit) {
                (Exit::Never, _) => made,
                (own, whole) => {
                    let error = if own == whole {
                        ours!(__conjoin_error)
                    } else {
                        ours!(#private::LineOutcome::leave(__conjoin_error))
                    };
                    ours! {
                        match #made {
                            #private::Ok(__conjoin_value) => __conjoin_value,
                            #private::Err(__conjoin_error) => {
                                __conjoin_exits.leave(#place).await;
                                return #private::Err(#error);
                            }
                        }
                    }
                }
            };
            let (name, bound) = (value(statement), self.bound(statement, &scope));
            statements.extend(ours!(let #name = #made; #bound));
        }
        let made = self.made(&chain.output, &scope);
        self.placed(chain, ours!({ #statements #private::Ok(#made) }))
    }
}

//! The graph and its plan as a constant: the expansion of `explain!`.
//!
//! It contains none of the user's code, so it compiles where the names in the bodies do not exist.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};

use super::Emitter;
use crate::ast::Access;
use crate::check::Source;
use crate::lower::{Kind, chains, is_wide, slots};
use crate::place;
use crate::plan::{Plan, Reason, Reasons};
use crate::syntax::{Code, code};

impl Emitter<'_> {
    /// A block with a constant `Explanation`. Leaves out invalid dependencies.
    pub(super) fn explanation(&self, plan: Option<&Plan>) -> TokenStream {
        let (private, graph, options) = (&self.private, &self.checked.graph, &self.checked.options);
        let tasks = (0..self.auto.tasks.len()).map(|task| self.explained_task(task));
        let option = |value: Option<TokenStream>| {
            value.map_or_else(
                || ours!(#private::None),
                |value| ours!(#private::Some(#value)),
            )
        };
        let text = |tokens: &Option<TokenStream>| {
            option(tokens.as_ref().map(|tokens| code(tokens).to_token_stream()))
        };
        let (error, limit) = (text(&options.error), text(&options.limit));
        let (settles, names_errors) = (options.settle, options.name_errors);
        let is_block = self.auto.is_block;
        let has_final_arm = is_block || self.auto.final_arm.is_some();
        let final_arm = self.auto.final_arm.as_ref().and_then(Code::question);
        let is_fallible = final_arm.is_some()
            || !settles && self.auto.tasks.iter().any(|task| task.question().is_some());
        let plan = option(plan.map(|plan| {
            let plan = self.explained_plan(plan);
            ours!(&#plan)
        }));
        let (chain, most_at_once) = (self.names(&graph.longest_chain()), graph.most_at_once());
        let options = ours! {
            #private::explain::options(
                #error, #limit, [#settles, #names_errors, #has_final_arm, #is_fallible]
            )
        };
        let options = if is_block {
            ours!(#private::explain::of_block(#options))
        } else {
            options
        };
        ours!({
            const __CONJOIN_EXPLANATION: #private::explain::Explanation = #private::explain::explanation(
                &[#(#tasks),*],
                #options,
                #plan,
                #chain,
                #most_at_once,
            );
            __CONJOIN_EXPLANATION
        })
    }

    fn explained_task(&self, task: usize) -> TokenStream {
        let (private, declared) = (&self.private, &self.auto.tasks[task]);
        let dependencies = declared
            .dependencies
            .iter()
            .zip(&self.checked.sources[task]);
        let dependencies = dependencies.filter_map(|(dependency, source)| {
            let Source::Task(source) = source else { return None };
            let access = ident(match dependency.access {
                _ if !dependency.is_use() => "Order",
                Access::Read => "Read",
                Access::Change(_) => "Change",
                Access::Take(_) => "Take",
            });
            let name = self.name(*source);
            let explained =
                ours!(#private::explain::dependency(#source, #name, #private::explain::Access::#access));
            Some(if dependency.is_inferred {
                ours!(#private::explain::inferred(#explained))
            } else {
                explained
            })
        });
        let line = place::line(declared.name.span()).unwrap_or(0);
        let (name, line) = (self.name(task), u32::try_from(line).unwrap_or(0));
        let (is_conditional, is_fallible) =
            (declared.condition.is_some(), declared.question().is_some());
        let explained = ours!(#private::explain::task(#name, #line, #is_conditional, #is_fallible, &[#(#dependencies),*]));
        if declared.each.is_some() {
            let limit = match &self.checked.limits[task] {
                None => ours!(#private::None),
                Some(limit) => {
                    let limit = code(limit);
                    ours!(#private::Some(#limit))
                }
            };
            ours!(#private::explain::each(#explained, #limit))
        } else {
            explained
        }
    }

    fn explained_plan(&self, plan: &Plan) -> TokenStream {
        let private = &self.private;
        let parts = |parts: &[Plan]| {
            let parts = parts.iter().map(|part| self.explained_plan(part));
            ours!(&[#(#parts),*])
        };
        let reasons = Reasons {
            graph: &self.checked.graph,
            limited: self.checked.options.limit.is_some(),
        };
        match plan {
            Plan::Leaf(task) => {
                let name = self.name(*task);
                ours!(#private::explain::Plan::Task(#name))
            }
            Plan::Series(all) => {
                let parts = parts(all);
                ours!(#private::explain::Plan::Series(#parts))
            }
            Plan::Parallel(all) => {
                let (is_wide, parts) = (is_wide(self.checked, all.len()), parts(all));
                ours!(#private::explain::parallel(#parts, #is_wide))
            }
            Plan::Gated(tasks) => {
                let is_wide = is_wide(self.checked, self.checked.graph.width(tasks));
                let (names, reason) = (self.names(tasks), self.reason(reasons.gated(tasks)));
                let chains = chains(self.checked, tasks);
                let slots = slots(self.checked, tasks, &chains);
                let mut chains = chains.all;
                chains.sort_unstable();
                let chains = chains.iter().map(|chain| self.names(chain));
                let slots = slots.iter().map(|(&task, slot)| {
                    let storage = ident(match slot.kind {
                        Kind::Once => "Once",
                        Kind::Passed => "Passed",
                        Kind::Shared => "Shared",
                    });
                    let name = self.name(task);
                    ours!(#private::explain::slot(#name, #private::explain::Storage::#storage))
                });
                ours!(#private::explain::gated(#names, &[#(#chains),*], #reason, #is_wide, &[#(#slots),*]))
            }
        }
    }

    fn reason(&self, reason: Reason) -> TokenStream {
        let private = &self.private;
        let reason = match reason {
            Reason::Limit => ours!(Limit),
            Reason::Depth => ours!(Depth),
            Reason::N(tasks) => {
                let names = tasks.map(|task| self.name(task));
                ours!(N(#private::explain::n(#(#names),*)))
            }
        };
        ours!(#private::explain::Reason::#reason)
    }

    fn names(&self, tasks: &[usize]) -> TokenStream {
        let names = tasks.iter().map(|&task| self.name(task));
        ours!(&[#(#names),*])
    }
}

fn ident(name: &str) -> Ident {
    format_ident!("{name}", span = Span::mixed_site())
}

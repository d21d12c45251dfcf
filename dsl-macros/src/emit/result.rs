//! The result of a graph.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::Emitter;
use super::code::Evaluated;
use crate::ast::Task;
use crate::editor::in_front_of;
use crate::lower::Run;
use crate::syntax::Code;

/// The name of the final arm in an error.
const FINAL_ARM: &str = "=>";

impl Emitter<'_> {
    /// The final arm: an expression with every value in scope under its name.
    pub(super) fn final_arm(&self, code: &Code, run: &Run) -> TokenStream {
        let kept: Vec<_> = (0..self.values.len())
            .filter(|&task| self.checked.is_in_result(task))
            .collect();
        let names = kept.iter().map(|&task| &self.auto.tasks[task].name);
        let values = kept.iter().map(|&task| self.in_result(task));
        let code = Evaluated::Once([None, Some(code)]);
        let (decision, value) = self.run(code, run, FINAL_ARM, None);
        ours!({
            #(
                #[allow(unused_variables, unused_mut)]
                #[cfg_attr(clippy, allow(clippy::no_effect_underscore_binding))]
                let mut #names = #values;
            )*
            #decision
            #value
            __conjoin_value
        })
    }

    /// A struct with the shape of the graph. It is in a block of its own, so that no body can see its name.
    pub(super) fn result_struct(&self) -> TokenStream {
        let tasks = self.auto.tasks.iter().enumerate();
        let has_field = |(index, task): &(usize, &Task)| {
            self.checked.is_in_result(*index) && !self.checked.repeats(&task.name, *index)
        };
        let fields: Vec<_> = tasks.filter(has_field).collect();
        let attributes = &self.checked.attributes;
        // A lint that the body is expected to trigger does not occur in the field.
        let on_fields = fields.iter().map(|(_, task)| {
            let attributes = task.attributes.iter();
            let attributes = attributes.filter(|it| it.path != "expect" && !it.is_option());
            attributes.collect::<Vec<_>>()
        });
        let values = fields.iter().map(|(index, _)| self.in_result(*index));
        let names: Vec<_> = fields.iter().map(|(_, task)| &task.name).collect();
        // These uses of a field are ours, and editors should not find them.
        let uses = names.iter().map(|&name| {
            let mut name = name.clone();
            name.set_span(in_front_of(name.span()));
            name
        });
        let uses: Vec<Ident> = uses.collect();
        let types: Vec<_> = (0..names.len())
            .map(|index| format_ident!("T{index}", span = Span::mixed_site()))
            .collect();
        let (tuple_type, tuple) = if names.is_empty() {
            (None, None)
        } else {
            (
                Some(ours!(-> (#(#types,)*))),
                Some(ours!((#(self.#uses,)*))),
            )
        };
        ours!({
            #(#attributes)*
            #[allow(dead_code)]
            struct Output<#(#types),*> {
                #(#(#on_fields)* #names: #types,)*
            }
            #[automatically_derived]
            #[allow(dead_code)]
            impl<#(#types),*> Output<#(#types),*> {
                fn into_tuple(self) #tuple_type { #tuple }
            }
            Output { #(#uses: #values),* }
        })
    }

    /// A value in the result.
    fn in_result(&self, task: usize) -> TokenStream {
        let (private, value) = (&self.private, &self.values[task]);
        if let Some(value) = self.moved_out_of_tuple(task) {
            return value;
        }
        // Under `#![settle]` a taken value still has a field.
        let is_taken = self.checked.users[task].taker.is_some();
        if is_taken {
            ours!(#private::handed_over(#value))
        } else {
            ours!(#value)
        }
    }
}

//! Two tasks that change a variable, if that depends on the variable's type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use super::Emitter;
use crate::ast::unraw;
use crate::check::shared::Shared;

impl Emitter<'_> {
    /// Makes rustc report it, in code that never runs, if the variable is a collection of the standard library.
    pub(super) fn shared_collections(&self, shared: &[Shared]) -> Option<TokenStream> {
        let private = &self.private;
        let checks: Vec<_> = shared
            .iter()
            .map(|Shared { change, fact, help }| {
                let name = &change.name;
                let of_its_own = format_ident!("{}ChangedInTurn", capitalized(name), span = Span::mixed_site());
                let (span, there) = private.placed(name.span());
                let check = quote_spanned! {span=>
                    #of_its_own::check(#there::identity(#there::Changed(&#name).collection()))
                };
                ours!({
                    #[diagnostic::on_unimplemented(message = #fact, label = "changed here, too", note = #help)]
                    trait #of_its_own {
                        fn check(&self) {}
                    }
                    #[diagnostic::do_not_recommend]
                    impl #of_its_own for #private::NoCollection {}
                    use #private::ChangedOther as _;
                    #check;
                })
            })
            .collect();
        // After `loop {}`, rustc only checks types.
        (!checks.is_empty()).then(|| {
            ours! {
                #[allow(unused, clippy::empty_loop, clippy::items_after_statements)]
                if false { loop {} #(#checks)* }
            }
        })
    }
}

/// `ErrorLog` for `error_log`. rustc shows a name without its path if the crate has it only once.
fn capitalized(name: &Ident) -> String {
    let text = unraw(name);
    let words = text.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<String>()
    });
    words.collect()
}

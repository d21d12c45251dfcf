//! `#[cfg]` on a task.
//!
//! A procedural macro cannot evaluate a `#[cfg]`, and the plan of a graph depends on it. So the macro lets rustc
//! decide. It expands to two macros, one for each answer, and to a call. rustc keeps one of the two, and the call
//! reaches that one. It calls the macro again, with one more answer before the same tokens. For
//!
//! ```text
//! auto! { #[cfg(unix)] a => 1, b => 2 }            // the façade adds the header ($crate)
//! ```
//!
//! the first expansion is
//!
//! ```text
//! {
//!     #[cfg(unix)]
//!     macro_rules! __conjoin_decide { ($($t:tt)*) => { $crate::__auto! { ($crate true) $($t)* } }; }
//!     #[cfg(not(unix))]
//!     macro_rules! __conjoin_decide { ($($t:tt)*) => { $crate::__auto! { ($crate false) $($t)* } }; }
//!     __conjoin_decide! { #[cfg(unix)] a => 1, b => 2 }
//! }
//! ```
//!
//! and the second one reads `#[cfg(unix)]` as decided: the task stays, or counts as absent. `n` conditions take `n + 1`
//! expansions.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::ast::Macro;

/// The header before the user's tokens: the path of the crate, and rustc's answers so far.
pub(crate) struct Header {
    pub(crate) krate: TokenStream,
    pub(crate) decided: Vec<bool>,
}

impl Header {
    pub(crate) fn read(header: TokenStream) -> Self {
        let mut header = header.into_iter();
        Header {
            krate: header.next().into_iter().collect(),
            decided: header
                .map(|decision: TokenTree| decision.to_string() == "true")
                .collect(),
        }
    }
}

/// Makes rustc decide the predicate of a `#[cfg]`. The tokens hold no invisible groups, which the `macro_rules!` would
/// lose.
pub(crate) fn decide(
    called: Macro,
    predicate: &TokenStream,
    Header { krate, decided }: &Header,
    tokens: &TokenStream,
) -> TokenStream {
    let called = match called {
        Macro::Auto | Macro::TracedAuto | Macro::EditorAuto => quote!(__auto),
        Macro::Concurrent | Macro::TracedConcurrent | Macro::EditorConcurrent => {
            quote!(__concurrent)
        }
        Macro::Explain => quote!(__explain),
    };
    let again = |holds: bool| {
        quote! {
            macro_rules! __conjoin_decide {
                ($($token:tt)*) => { #krate::#called! { (#krate #(#decided)* #holds) $($token)* } };
            }
        }
    };
    let (if_so, if_not) = (again(true), again(false));
    quote! {{
        #[cfg(#predicate)]
        #if_so
        #[cfg(not(#predicate))]
        #if_not
        __conjoin_decide! { #tokens }
    }}
}

//! `#[cfg]` on a task.
//!
//! A procedural macro cannot ask whether a `#[cfg]` holds, and the plan of a graph depends on the answer. So the macro lets
//! rustc decide. It expands to two macros, one for each answer, and to a call. rustc keeps one of the two, and the call
//! reaches that one. That calls the macro again, with one more answer in front of the same tokens. Of
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
//! and the second one reads `#[cfg(unix)]` as decided: the task stays, or becomes one of the absent ones. `n` conditions
//! take `n + 1` expansions.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::ast::Macro;

/// The header before the user's tokens: the path of the crate, and what rustc has decided so far.
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

/// Asks rustc about the predicate of a `#[cfg]`. The tokens hold no invisible groups: a `macro_rules!` that they pass
/// through once more would lose those.
pub(crate) fn decide(
    called: Macro,
    predicate: &TokenStream,
    Header { krate, decided }: &Header,
    tokens: &TokenStream,
) -> TokenStream {
    let called = match called {
        Macro::Auto | Macro::TracedAuto => quote!(__auto),
        Macro::Concurrent | Macro::TracedConcurrent => quote!(__concurrent),
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

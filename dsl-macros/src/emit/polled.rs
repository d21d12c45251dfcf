//! Code shared by the loops over the tasks of a gated part and over the lines of a block.

use proc_macro2::{Literal, TokenStream};

use super::Private;

/// How a loop finds the children to poll.
pub(super) struct Polled {
    /// The statement before the loop.
    pub(super) wakers: Option<TokenStream>,
    /// The statements that begin a poll.
    pub(super) begin: TokenStream,
    /// The statements that lend a child its waker.
    pub(super) lend: Option<TokenStream>,
}

/// `width` children, each with a waker of its own if the loop `is_wide`.
pub(super) fn polled(private: &Private, width: usize, is_wide: bool) -> Polled {
    if !is_wide {
        return Polled {
            wakers: None,
            begin: ours!(let mut __conjoin_due = __conjoin_tasks.begin_poll(__conjoin_start);),
            lend: None,
        };
    }
    let (groups, words) = (width.div_ceil(256), width.div_ceil(64));
    Polled {
        wakers: Some(ours!(let mut __conjoin_wakers = #private::Wakers::<#groups, #words>::new();)),
        begin: ours! {
            let __conjoin_lending = __conjoin_wakers.begin_poll(__conjoin_cx.waker());
            let mut __conjoin_due =
                __conjoin_tasks.begin_poll_of(&__conjoin_lending, __conjoin_start);
        },
        lend: Some(ours! {
            let __conjoin_waker = __conjoin_lending.waker(__conjoin_at);
            let __conjoin_cx = &mut #private::Context::from_waker(&__conjoin_waker);
        }),
    }
}

/// The statement that starts the child at a place if all of its `gate` have ended.
pub(super) fn start_behind(at: usize, gate: impl Iterator<Item = usize>) -> TokenStream {
    let gate = sparse_words(gate);
    let gate = gate.map(|(word, bits)| ours!((#word, #bits)));
    ours!(__conjoin_tasks.start_behind(&mut __conjoin_due, #at, [#(#gate),*]);)
}

/// The places as words, with the numbers of the words. Of many words it has only those that are not zero: the code grows with the
/// dependencies alone.
pub(super) fn sparse_words(
    places: impl Iterator<Item = usize>,
) -> impl Iterator<Item = (usize, Literal)> {
    let mut words = std::collections::BTreeMap::new();
    places.for_each(|place| *words.entry(place / 64).or_insert(0_u64) |= 1 << (place % 64));
    let words = words.into_iter();
    words.map(|(word, bits)| (word, Literal::u64_unsuffixed(bits)))
}

/// The places as bits of as many words as `width` takes.
pub(super) fn words(
    width: usize,
    places: impl Iterator<Item = usize>,
) -> impl Iterator<Item = Literal> {
    let mut words = vec![0_u64; width.div_ceil(64)];
    places.for_each(|place| words[place / 64] |= 1 << (place % 64));
    words.into_iter().map(Literal::u64_unsuffixed)
}

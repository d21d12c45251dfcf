//! What the compiler says to the mistakes that the chapters make on purpose. `tests/text` sees to it that the chapters
//! quote these files.
//!
//! `TRYBUILD=overwrite cargo test -p conjoin-book --test messages` writes the expectations anew; then mend the
//! chapters.

#[test]
fn quoted_mistakes_give_quoted_messages() {
    trybuild::TestCases::new().compile_fail("tests/messages/*.rs");
}

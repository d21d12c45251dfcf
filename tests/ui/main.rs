//! What the compiler says to broken graphs, by topic, and whole ones that must compile.
//!
//! `TRYBUILD=overwrite cargo test -p conjoin-tests --test ui` writes the expectations anew: read them before they are
//! committed. A message is good when somebody who has never seen the macro knows what to type.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for topic in [
        "around",
        "concurrent",
        "conditions",
        "cycles",
        "explain",
        "items",
        "names",
        "options",
        "ownership",
        "recovery",
        "syntax",
        "types",
    ] {
        cases.compile_fail(format!("ui/{topic}/*.rs"));
    }
}

//! A `?` in tail position fixes the type of the error: no annotation is needed.

use conjoin::auto;
use futures::executor::block_on;

use super::{no, ok};

#[test]
fn tail_follows_a_match() {
    let n = 1;
    let result = block_on(auto! { body => match n { 1 => ok(1), _ => no() }?, last => 1 });
    assert_eq!(result.map(|it| it.body), Ok(1));
    let result =
        block_on(auto! { body => if n == 2 { ok(1) } else { no() }.map(|x| x + 1)?, => body });
    assert_eq!(result, Err("no".to_owned()));
}

#[test]
fn tail_stands_in_an_arm_after_generics() {
    let n = 1;
    let result = block_on(auto! {
        body => match n { 1 => ["1", "2"].iter().map(|x| x.parse::<u8>()).collect::<Result<Vec<u8>, _>>()?, _ => vec![] },
        last => 1,
    });
    assert_eq!(result.map(|it| it.body), Ok(vec![1, 2]));
}

#[test]
fn tail_follows_statements_and_attributes() {
    let n = 1;
    let result = block_on(auto! {
        path => { if n == 2 { let _ = n; } ::std::convert::identity(ok(1))? },
        attribute => { #[allow(clippy::all)] ok(2)? },
        last => 3,
    });
    assert_eq!(result.map(|it| it.into_tuple()), Ok((1, 2, 3)));
}

#[derive(Debug, PartialEq)]
struct Other;

impl From<String> for Other {
    fn from(_: String) -> Self {
        Other
    }
}

fn unit(is_good: bool) -> Result<(), String> {
    if is_good {
        Ok(())
    } else {
        Err("no".to_owned())
    }
}

fn last() -> Result<u8, Other> {
    Ok(1)
}

#[test]
fn branch_before_the_end_is_no_tail() {
    for is_good in [true, false] {
        let by_hand: Result<u8, Other> = block_on(async {
            Ok({
                {
                    if is_good {
                        unit(true)?
                    } else {
                        unit(is_good)?
                    }
                    { last()? }
                }
            })
        });
        let result = block_on(auto! {
            body => { if is_good { unit(true)? } else { unit(is_good)? } { last()? } },
            last => 1,
        });
        assert_eq!(result.map(|it| it.body), by_hand);
    }
}

//! Where bodies end.

use conjoin::auto;
use futures::executor::block_on;

#[test]
fn comparison_follows_a_cast() {
    let (x, y, max) = (1_u8, 2.0_f64, 3_usize);
    assert!(same!(x as f64 <= y));
    assert!(same!(x as usize <= max));
    assert!(same!(x as f64 * 0.5 < y));
    assert!(!same!(x as usize > max));
    assert!(same!(x as f64 <= y && max > 2));
}

#[test]
fn cast_to_a_function_type_holds_commas() {
    fn double(x: u8) -> Result<u8, String> {
        Ok(2 * x)
    }
    let graph = block_on(auto! {
        pointer => double as fn(u8) -> Result<u8, String>,
        object => &double as &dyn Fn(u8) -> Result<u8, String>,
        boxed => Box::new(double) as Box<dyn Fn(u8) -> Result<u8, String>>,
        sum: [pointer, object, boxed] => [pointer(1), object(2), boxed(3)],
    });
    assert_eq!(graph.sum, [Ok(2), Ok(4), Ok(6)]);
}

trait Of {
    type Kind;
}

trait Limits<A, B> {
    const MAX: u8;
    fn middle() -> u8;
}

impl Of for () {
    type Kind = u8;
}

impl Limits<u8, u16> for u8 {
    const MAX: u8 = 7;
    fn middle() -> u8 {
        4
    }
}

#[test]
fn qualified_path_holds_commas() {
    let x = 8_u8;
    assert_eq!(same!(<<() as Of>::Kind as Limits<u8, u16>>::middle()), 4);
    assert!(same!(x > <u8 as Limits<u8, u16>>::MAX));
    assert!(!same!(x << 1 >= <u8 as Limits<u8, u16>>::MAX << 2));
}

#[test]
fn closure_with_commas_is_assigned() {
    struct Holder {
        add: fn(u8, u8) -> u8,
    }
    let mut local: fn(u8, u8) -> u8 = |a, _| a;
    let mut holder = Holder { add: local };
    let mut other = local;
    let place = &mut other;
    block_on(auto! {
        first => local = |a, b| a + b,
        second => holder.add = |a, b| a + b,
        third => *place = |a, b| a + b,
        called => (&mut move |a: u8, b: u8| a + b)(1, 2),
        last => 1,
    });
    assert_eq!([local(1, 2), (holder.add)(1, 2), other(1, 2)], [3; 3]);
}

/// A tuple struct with generic arguments.
#[derive(Clone, Copy)]
struct Pair<A, B>(A, B);

#[test]
fn pattern_holds_commas_in_generics() {
    let graph = block_on(auto! {
        pair => Pair(1_u8, 2_u16),
        sum: [pair as Pair::<u8, u16>(x, y), pair_2 as Pair(z, _)] => u16::from(*x) + y + z,
        pair_2 => Pair(3_u16, 4_u8),
        last: [pair as Pair::<u8, u16>(x, y)] => u16::from(*x) + y,
    });
    assert_eq!((graph.sum, graph.last), (6, 3));
}

#[test]
fn labels_are_no_heads_of_tasks() {
    assert_eq!(
        same!('x: {
            if true {
                break 'x 1;
            }
            2
        }),
        1
    );
    assert_eq!(
        same!('outer: loop {
            loop {
                break 'outer 5;
            }
        }),
        5
    );
    let sum = same!({
        let mut sum = 0;
        'sum: while sum < 10 {
            sum += 2;
            if sum > 3 {
                break 'sum;
            }
        }
        sum
    });
    assert_eq!(sum, 4);
}

#[test]
fn attribute_stands_before_a_body() {
    let x = 1;
    let graph = block_on(auto! {
        choice => #[allow(clippy::all)] if x == 1 { 2 } else { 3 },
        selection => #[allow(clippy::all)] match x { 1 => 2, _ => 3 },
        inside => { #[allow(clippy::all)] if x == 1 { 2 } else { 3 } },
        last => 1,
    });
    assert_eq!((graph.choice, graph.selection, graph.inside), (2, 2, 2));
}

#[test]
fn macro_with_a_dollar_is_a_body_under_cfg() {
    let graph = block_on(auto! {
        #[cfg(all())]
        sum => {
            macro_rules! sum { ($($x:expr),*) => { 0 $(+ $x)* } }
            sum!(1, 2)
        },
        other => 1,
    });
    assert_eq!(graph.sum, 3);
}

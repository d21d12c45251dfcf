//! Local variables of the caller with the names of the expansion's own variables. Every body sees the caller's.

use conjoin::auto;
use futures::FutureExt;

macro_rules! caller_s_own {
    ($($name:ident)*) => {
        #[test]
        fn local_variables_of_the_caller_keep_their_values() {
            $(let $name = stringify!($name);)*
            let seen = auto! {
                first => [$($name),*],
                second: [first as _] => [$($name),*],
                => (first, second, [$($name),*])
            };
            let all = [$(stringify!($name)),*];
            assert_eq!(seen.now_or_never(), Some((all, all, all)));
            let seen = auto! {
                #![limit([$($name),*].len())]
                #![name_errors]
                first => vec![$($name),*],
                other => 1,
                second: [mut first] if first == &[$($name),*] => first.extend([$($name),*]),
                third: [other, first, second as _] if $($name == stringify!($name))&&* => first.len() + other,
                fourth: [move first, third as _] => Ok::<_, ()>([$($name),*].len() + first.len())?,
                => (third, fourth, [$($name),*].len())
            };
            let count = all.len();
            let seen = seen.now_or_never().expect("all is ready").expect("nothing fails");
            assert_eq!(seen, (Some(2 * count + 1), 3 * count, count));
        }
    };
}

// The names are the expansion's own, and some that it could have.
caller_s_own! {
    cx done value values poll output outputs result slot turn at error joined graph task tasks
    __cx __first __start __at __value __values __result __error __joined __graph __tasks __slot_0 __child_0 __child_1 __output_0
    __limit __outcomes __held_0 __failed __task_0 limit outcomes
}

#[test]
fn every_plan_leaves_caller_variables_alone() {
    let (cx, done, output) = (10, 20, 30);
    let graph = auto! {
        user => cx,
        settings => done,
        posts: [user] => user + output,
        page: [user, settings] => user + settings,
        north_1 => cx,
        north_2: [north_1] => north_1 + done,
        north_3: [north_2] => north_2 + output,
        south_1 => output,
        south_2: [south_1] => south_1 + done,
        south_3: [south_2, north_1] => south_2 + north_1 + cx,
        => [posts, page, north_3, south_3]
    };
    assert_eq!(graph.now_or_never(), Some([40, 30, 60, 70]));
}

#[test]
fn label_of_the_caller_is_visible() {
    let graph = auto! {
        found => 'outer: {
            for number in 1.. {
                if number * number > 50 {
                    break 'outer number;
                }
            }
            0
        },
        => found
    };
    assert_eq!(graph.now_or_never(), Some(8));
}

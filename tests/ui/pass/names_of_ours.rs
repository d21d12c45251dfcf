//! Tasks may be named as the variables of an expansion are, wherever those are needed after the tasks.

use conjoin::auto;

macro_rules! before_all_else {
    ($($name:ident)*) => {
        $(
            let _ = auto! {
                $name => 1,
                b: [$name] => $name + 1,
                c: [$name] => $name + 1,
                d: [$name, b, c] => b + c + $name,
            };
            let _ = auto! {
                #![limit(2)]
                $name => 1,
                b: [$name] => $name + 1,
                c: [$name] => $name + 1,
                d: [$name, b, c] => b + c + $name,
            };
            let _ = auto! {
                #![settle]
                $name => 1,
                b: [$name] => $name + 1,
                c: [$name] => $name + 1,
                d: [$name, b, c] => b + c + $name,
            };
            let _ = auto! {
                $name => vec![1],
                a_2: [mut $name] => $name.push(1),
                a_3: [$name, a_2 as _] => $name.len(),
                a_4: [move $name, a_3] => $name.len() + a_3,
                b => 1,
                b_2: [b] => b + 1,
                b_3: [b_2, a_2 as _] => b_2 + 1,
            };
            let _ = auto! {
                $name => vec![1],
                start: [$name as _] => (),
                a: [start as _] => 1,
                a_2: [mut $name, a as _] => $name.push(1),
                a_3: [$name, a_2 as _] => $name.len(),
                b: [start as _] => 1,
                b_2: [b] => b + 1,
                b_3: [$name, b_2, a_2 as _] => b_2 + $name.len(),
            };
        )*
    };
}

fn main() {
    before_all_else! {
        __limit __outcomes __failed __held_0 __held_1 __slot_0 __slot_1 __child_0 __child_1 __output_0 __output_1
        __tasks __first __start __at __cx __value __values __result __error __joined __graph
    }
}

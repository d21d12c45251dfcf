use conjoin::auto;

fn main() {
    let _ = auto! {
        x => 1,
        a: [mut] => (),
        b: [move] => (),
        c: [mut mut x] => x,
        d: [move mut x] => x,
        e: [mut move x] => x,
        f: [ref x] => x,
        g: [&mut x] => x,
        h: [&x] => x,
        i: [mut x.y] => x,
        j: [mut "x"] => x,
        k: [move &x] => x,
        l: [mut x y] => x,
        m: [move if] => 1,
        n: [mut x = y] => x,
        o: [x mut] => x,
    };
}

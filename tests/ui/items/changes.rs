use conjoin::auto;

fn main() {
    let _ = auto! {
        log => Vec::new(),
        list => vec![1, 2],
        pushed: [mut log, list] for x in list => log.push(*x),
        taken: [move list, pushed as _] for x in list => x,
    };
}

use conjoin::auto;

fn main() {
    let _ = auto! {
        list => vec![1, 2],
        nothing: [list] for => 1,
        no_in: [list] for x => 1,
        no_pattern: [list] for in list => 1,
        no_iterable: [list] for x in => 1,
        no_arrow: [list] for x in list { x + 1 },
        thin_arrow: [list] for x in list -> x + 1,
        no_body: [list] for x in list,
        next: [list] => list.len(),
    };
}

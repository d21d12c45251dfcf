use conjoin::auto;

async fn fetch(id: u32) -> u32 {
    id
}

fn main() {
    let _ = auto! {
        ids => vec![1, 2],
        after_the_arrow: [ids] => for id in ids => fetch(*id).await,
        after_the_body: [ids] => fetch(*id).await for id in ids,
        before_the_brackets for id in ids: [ids] => fetch(*id).await,
        a_colon: for id in [1] => fetch(id).await,
        in_the_brackets: [ids for id in ids] => fetch(1).await,
    };
    let _ = auto! {
        for id in [1, 2] => fetch(id).await,
        other => 1,
        for id in [1, 2] { fetch(id).await }
    };
}

use conjoin::auto;

async fn fetch(id: u32) -> Result<u32, String> {
    Ok(id)
}

fn main() {
    let _ = auto! {
        errors for x in [1] => fetch(x).await?,
        others for x in ["1"] => x.parse::<u32>()?,
    };
    let _ = auto! {
        no_result for x in [1] => x?,
    };
    let graph = auto! {
        items for x in [1_u32] => fetch(x).await,
        => items
    };
    let _ = async { let _: Vec<u32> = graph.await; };
}

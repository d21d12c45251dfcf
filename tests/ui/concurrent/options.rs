use conjoin::concurrent;

async fn load(id: u32) -> u32 {
    id
}

fn main() {
    let object = 1;
    let _ = concurrent!({
        #![around(object)]
        let a = load(1).await;
        let b = load(2).await;
        a + b
    });
    let _ = concurrent!({
        #![limit(0)]
        let a = load(1).await;
        let b = load(2).await;
        a + b
    });
    let _ = concurrent!({
        #![limits(2)]
        #![limit]
        let a = load(1).await;
        let b = load(2).await;
        a + b
    });
    let _ = concurrent!({
        #![settle]
        let a = load(1).await;
        let b = load(2).await;
        a + b
    });
    let _ = concurrent!(load(1));
    let _ = concurrent! {
        let a = load(1).await;
        let b = load(2).await;
        a + b
    };
}

use conjoin::concurrent;

async fn load(id: u32) -> u32 {
    id
}

async fn fallible(id: u32) -> Result<u32, String> {
    Ok(id)
}

struct Plain;

impl Plain {
    async fn task<T>(&self, _: &'static str, body: impl Future<Output = T>) -> T {
        body.await
    }
}

fn within_an_object() {
    let _ = concurrent!({
        #![around(Plain)]
        let a = fallible(1).await?;
        let b = fallible(fallible(2).await?).await?;
        Ok::<_, String>(a + b)
    });
    let _ = concurrent!({
        #![around(Plain)]
        #![around]
        let a = load(1).await;
        let b = load(2).await;
        a + b
    });
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

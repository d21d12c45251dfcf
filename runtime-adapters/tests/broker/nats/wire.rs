//! Tests the messages, as another client sees them.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::{Client, HeaderMap, Message};
use conjoin_adapters::broker::{BrokerError, Handlers, Nats, Request};
use futures::StreamExt;
use tokio::sync::mpsc;

use super::{broker, ends, subscribe};
use crate::nats_server::NatsServer;
use crate::requests::{Echo, EchoOfNumbers, Letters, OtherEcho, Pairs, handlers};

async fn client(server: &NatsServer) -> Client {
    async_nats::connect(server.url()).await.expect("a server")
}

fn headers<const N: usize>(of: [(&'static str, &str); N]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in of {
        headers.insert(name, value);
    }
    headers
}

/// The kind and the text of an answer.
fn parts(message: &Message) -> (&str, &str) {
    let headers = message.headers.as_ref().expect("headers");
    assert_eq!(
        headers
            .get("Conjoin-Protocol")
            .expect("a protocol")
            .as_str(),
        "2"
    );
    (
        headers.get("Conjoin-Kind").expect("a kind").as_str(),
        std::str::from_utf8(&message.payload).expect("text"),
    )
}

#[tokio::test]
async fn json_request_is_json_with_headers() {
    let server = NatsServer::start();
    let client = client(&server).await;
    let nats = Nats::new(server.url()).json();
    let broker = nats.start(Handlers::new()).await.expect("a server");
    let mut requests = subscribe(&client, "conjoin.call.echo").await;
    let call = broker
        .call(&Echo { text: "ä".into() })
        .traceparent("00-1-2-01")
        .deadline(Duration::from_secs(7));
    let answer = async {
        let request = requests.next().await.expect("a request");
        assert_eq!(request.payload, r#"{"text":"ä"}"#);
        let sent = request.headers.expect("headers");
        assert_eq!(
            sent.get("Conjoin-Protocol").expect("a protocol").as_str(),
            "2"
        );
        assert_eq!(
            sent.get("traceparent").expect("a trace").as_str(),
            "00-1-2-01"
        );
        let left: u64 = sent
            .get("Conjoin-Timeout-Ms")
            .expect("a time")
            .as_str()
            .parse()
            .expect("milliseconds");
        assert!((1..=7000).contains(&left), "{left}");
        let answer = headers([("Conjoin-Protocol", "2"), ("Conjoin-Kind", "1")]);
        client
            .publish_with_headers(
                request.reply.expect("a reply subject"),
                answer,
                r#""no""#.into(),
            )
            .await
    };
    let (answer, sent) = ends(async { tokio::join!(call, answer) }).await;
    sent.expect("a server");
    assert_eq!(answer, Err(BrokerError::Failed("no".into())));
}

#[tokio::test]
async fn a_worker_says_what_is_wrong_with_a_request() {
    let server = NatsServer::start();
    let client = client(&server).await;
    let _worker = broker(&server, handlers()).await;
    let ask = async |of: HeaderMap, body: &'static str| {
        ends(client.request_with_headers("conjoin.call.echo", of, body.into()))
            .await
            .expect("an answer")
    };

    let answer = ask(headers([("Conjoin-Protocol", "2")]), r#"{"text":"x"}"#).await;
    assert_eq!(parts(&answer), ("0", r#""x""#));
    let answer = ask(headers([("Conjoin-Protocol", "2")]), "{").await;
    assert_eq!(
        parts(&answer),
        ("5", "EOF while parsing an object at line 1 column 1")
    );
    let answer = ask(headers([("Conjoin-Protocol", "1")]), r#"{"text":"x"}"#).await;
    let why = "the request has protocol 1, expected 2; help: run one version on both sides";
    assert_eq!(parts(&answer), ("9", why));
    let answer = ask(headers([("X", "y")]), r#"{"text":"x"}"#).await;
    assert_eq!(
        parts(&answer),
        ("9", "the request does not say its protocol")
    );
    // It still answers.
    let answer = ask(
        headers([("Conjoin-Protocol", "2"), ("Conjoin-Timeout-Ms", "soon")]),
        r#"{"text":"y"}"#,
    )
    .await;
    assert_eq!(parts(&answer), ("0", r#""y""#));
}

#[tokio::test]
async fn a_caller_says_what_is_wrong_with_an_answer() {
    let server = NatsServer::start();
    let client = client(&server).await;
    let broker = broker(&server, Handlers::new()).await;
    let mut requests = subscribe(&client, "conjoin.call.echo").await;
    let cases = [
        (headers([]), "", "the answer does not say its protocol"),
        (
            headers([("Conjoin-Protocol", "7")]),
            "",
            "the answer has protocol 7, expected 2; help: run one version on both sides",
        ),
        (
            headers([("Conjoin-Protocol", "2")]),
            "",
            "the answer has no valid `Conjoin-Kind`",
        ),
        (
            headers([("Conjoin-Protocol", "2"), ("Conjoin-Kind", "999")]),
            "",
            "the answer has no valid `Conjoin-Kind`",
        ),
        (
            headers([("Conjoin-Protocol", "2"), ("Conjoin-Kind", "99")]),
            "",
            "unknown kind of answer: 99",
        ),
    ];
    for (of, body, reason) in cases {
        let answer = async {
            let reply = requests
                .next()
                .await
                .expect("a request")
                .reply
                .expect("a reply subject");
            client
                .publish_with_headers(reply, of, body.into())
                .await
                .expect("a server");
        };
        let call = broker.call(&Echo { text: "x".into() });
        let (answer, ()) = ends(async { tokio::join!(call, answer) }).await;
        assert_eq!(answer, Err(BrokerError::Incompatible(reason.into())));
    }
}

#[tokio::test]
async fn mismatched_types_are_decode_errors() {
    let server = NatsServer::start_with_jetstream();
    let broker = broker(&server, handlers()).await;
    let answer = ends(broker.call(&OtherEcho { number: 5 })).await;
    assert!(
        matches!(&answer, Err(BrokerError::Decode(why)) if why.contains("missing field `text`")),
        "{answer:?}"
    );
    let answer = ends(broker.call_durable(&OtherEcho { number: 5 })).await;
    assert!(
        matches!(&answer, Err(BrokerError::Decode(why)) if why.contains("missing field `text`")),
        "{answer:?}"
    );
    let answer = ends(broker.call(&EchoOfNumbers { text: "x".into() })).await;
    assert!(
        matches!(&answer, Err(BrokerError::Decode(why)) if why.contains("invalid type")),
        "{answer:?}"
    );
    let json = Nats::new(server.url()).json();
    let json = json.start(Handlers::new()).await.expect("a server");
    let answer = ends(json.call(&Pairs {})).await;
    let why = "key must be a string";
    assert_eq!(answer, Err(BrokerError::Encode(why.into())));
    let answer = ends(broker.call(&Pairs {})).await;
    assert_eq!(answer, Ok(BTreeMap::from([((1, 2), 3)])));
    let answer = ends(
        broker
            .call(&Echo { text: "x".into() })
            .traceparent("a\r\nb: c"),
    )
    .await;
    assert_eq!(
        answer,
        Err(BrokerError::Encode(
            "a `traceparent` with a line break".into()
        ))
    );
}

#[tokio::test]
async fn bodies_over_max_payload_are_too_large() {
    let server = NatsServer::start_with("max_payload: 4096\njetstream: { store_dir: jetstream }");
    let broker = broker(&server, handlers()).await;
    for count in [4096, 100_000] {
        let echo = Echo {
            text: "x".repeat(count),
        };
        assert_eq!(ends(broker.call(&echo)).await, Err(BrokerError::TooLarge));
        assert_eq!(
            ends(broker.call_durable(&echo)).await,
            Err(BrokerError::TooLarge)
        );
        assert_eq!(
            ends(broker.call(&Letters { count })).await,
            Err(BrokerError::TooLarge)
        );
        assert_eq!(
            ends(broker.call_durable(&Letters { count })).await,
            Err(BrokerError::TooLarge)
        );
    }
    let id = "i".repeat(5000);
    let answer = ends(
        broker
            .call_durable(&Echo { text: "x".into() })
            .message_id(id),
    )
    .await;
    assert_eq!(answer, Err(BrokerError::TooLarge));
    assert_eq!(
        ends(broker.call(&Letters { count: 3000 }))
            .await
            .map(|text| text.len()),
        Ok(3000)
    );
}

#[tokio::test]
async fn late_requests_are_not_handled() {
    let server = NatsServer::start();
    let client = client(&server).await;
    let (begun, mut begins) = mpsc::unbounded_channel();
    let handlers = Handlers::new().on::<Echo>(move |Echo { text }| {
        begun.send(text.clone()).expect("the test");
        async { Ok(text) }
    });
    let _worker = broker(&server, handlers).await;
    let late = headers([("Conjoin-Protocol", "2"), ("Conjoin-Timeout-Ms", "0")]);
    let subject = format!("conjoin.call.{}", Echo::NAME);
    let reply = client.new_inbox();
    client
        .publish_with_reply_and_headers(subject.clone(), reply, late, r#"{"text":"late"}"#.into())
        .await
        .expect("a server");
    let in_time = headers([("Conjoin-Protocol", "2"), ("Conjoin-Timeout-Ms", "60000")]);
    let answer =
        ends(client.request_with_headers(subject, in_time, r#"{"text":"in time"}"#.into())).await;
    assert_eq!(parts(&answer.expect("an answer")), ("0", r#""in time""#));
    assert_eq!(begins.try_recv(), Ok("in time".to_owned()));
    assert!(begins.try_recv().is_err());
}

#[tokio::test]
async fn foreign_requests_are_handled_and_removed() {
    let server = NatsServer::start_with_jetstream();
    let client = client(&server).await;
    let (begun, mut begins) = mpsc::unbounded_channel();
    let handlers = Handlers::new().on::<Echo>(move |Echo { text }| {
        begun.send(text.clone()).expect("the test");
        async { Ok(text) }
    });
    let worker = broker(&server, handlers).await;
    let jetstream = async_nats::jetstream::new(client);
    for (id, text) in [("an id > of theirs", "a"), ("", "b"), ("x.y", "c")] {
        let of = headers([("Conjoin-Protocol", "2"), ("Nats-Msg-Id", id)]);
        let body = format!(r#"{{"text":"{text}"}}"#);
        let stored = jetstream
            .publish_with_headers("conjoin.durable.echo", of, body.into())
            .await
            .expect("a server");
        stored.await.expect("the queue");
        assert_eq!(ends(begins.recv()).await.as_deref(), Some(text));
    }
    // A message of another protocol is not handled, and removed as well.
    let stored = jetstream
        .publish("conjoin.durable.echo", "?".into())
        .await
        .expect("a server");
    stored.await.expect("the queue");
    ends(async {
        while jetstream
            .get_stream("conjoin")
            .await
            .expect("the queue")
            .cached_info()
            .state
            .messages
            > 0
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(begins.try_recv().is_err());
    drop(worker);
}

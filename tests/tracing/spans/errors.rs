//! The recorded data of an error: as much as its type allows, without affecting type inference.

use std::fmt::{Debug, Display};
use std::future::pending;
use std::num::ParseIntError;

use conjoin::{TaskError, auto};

use super::{later, seen_of};

/// Can be printed, and has no message.
#[derive(Debug, PartialEq)]
struct Printed(u8);

impl From<ParseIntError> for Printed {
    fn from(_: ParseIntError) -> Self {
        Printed(0)
    }
}

/// Says nothing.
struct Silent;

/// What the task `bad` and the graph have in the fields for errors.
fn told<T, E>(graph: impl Future<Output = Result<T, E>>) -> [Option<String>; 4] {
    let (result, story) = seen_of(graph);
    assert!(result.is_err());
    let fields = [
        "otel.status_code",
        "error.type",
        "otel.status_description",
        "exception.message",
    ];
    let of = |span| fields.map(|field| story.field(span, field).map(ToOwned::to_owned));
    assert_eq!(of("bad"), of("auto"));
    of("bad")
}

fn fields(kind: &str, message: Option<&str>) -> [Option<String>; 4] {
    [Some("ERROR"), Some(kind), message, message].map(|field| field.map(ToOwned::to_owned))
}

#[test]
fn displayable_error_is_displayed() {
    let graph = auto! { good => later(1).await, bad: [good as _] => "x".parse::<u8>()?, after: [bad] => *bad };
    assert_eq!(
        told(graph),
        fields(
            "core::num::error::ParseIntError",
            Some("invalid digit found in string")
        )
    );
    let boxed = auto! { bad => { let () = Err("no")?; Err::<(), Box<dyn std::error::Error>>("no".into())? } };
    assert_eq!(
        told(boxed),
        fields("alloc::boxed::Box<dyn core::error::Error>", Some("no"))
    );
}

#[test]
fn debuggable_error_is_printed() {
    let kind = std::any::type_name::<Printed>();
    assert_eq!(
        told(auto! { good => 1, bad: [good as _] => Err::<(), _>(Printed(7))? }),
        fields(kind, Some("Printed(7)"))
    );
    let converted = auto! {
        #![error(Printed)]
        good => 1,
        bad => { let n: u8 = "x".parse()?; n },
        waits: [good as _] => std::future::pending::<()>().await,
    };
    assert_eq!(told(converted), fields(kind, Some("Printed(0)")));
}

#[test]
fn other_error_gives_its_type() {
    let kind = std::any::type_name::<Silent>();
    assert_eq!(
        told(auto! { bad => Err::<(), _>(Silent)? }),
        fields(kind, None)
    );
}

#[test]
fn named_error_is_recorded_without_its_task() {
    let named = auto! { #![name_errors] good => 1, bad: [good as _] => "x".parse::<u8>()? };
    assert_eq!(
        told(named),
        fields(
            "core::num::error::ParseIntError",
            Some("invalid digit found in string")
        )
    );
    let converted =
        auto! { #![name_errors] #![error(Printed)] bad => { let n: u8 = "x".parse()?; n } };
    assert_eq!(
        told(converted),
        fields(std::any::type_name::<Printed>(), Some("Printed(0)"))
    );
    let (settled, story) = seen_of(auto! { #![settle] #![name_errors] bad => "x".parse::<u8>()? });
    assert_eq!(settled.bad.err().map(|error| error.task()), Some("bad"));
    assert_eq!(
        story.field("bad", "exception.message"),
        Some("invalid digit found in string")
    );
}

/// Nothing in these graphs says what the type is: what is done with them does, and that must stay so.
#[test]
fn an_error_whose_type_is_decided_later_is_left_open() {
    let graph = auto! { bad => { let n: u8 = "x".parse()?; n } };
    let (result, story) = seen_of(graph);
    let result: Result<_, Printed> = result;
    assert_eq!(result.err(), Some(Printed(0)));
    assert_eq!(
        story.field("bad", "error.type"),
        Some(std::any::type_name::<Printed>())
    );
    assert_eq!(story.field("bad", "exception.message"), None);

    let (named, story) = seen_of(auto! { #![name_errors] bad => { let n: u8 = "x".parse()?; n } });
    let named: Result<_, TaskError<Printed>> = named;
    assert!(named.is_err());
    assert_eq!(story.field("bad", "outcome"), Some("failed"));

    let (settled, story) = seen_of(auto! { #![settle] bad => { let n: u8 = "x".parse()?; n } });
    let error: Option<Printed> = settled.bad.err();
    assert_eq!(error, Some(Printed(0)));
    assert_eq!(
        story.field("bad", "error.type"),
        Some(std::any::type_name::<Printed>())
    );
}

#[test]
fn a_value_whose_type_is_decided_later_is_left_open() {
    let (page, story) = seen_of(auto! { bad => "300".parse()?, => bad });
    let page: Result<u8, _> = page;
    assert!(page.is_err());
    assert_eq!(
        story.field("bad", "exception.message"),
        Some("number too large to fit in target type")
    );
}

#[test]
fn generic_error_is_recorded_by_its_bounds() {
    async fn bare<E>(error: E) -> Result<(), E> {
        auto! { bad => Err(error)?, => bad }.await
    }
    async fn printed<E: Debug>(error: E) -> Result<(), E> {
        auto! { bad => Err(error)?, => bad }.await
    }
    async fn displayed<E: Display>(error: E) -> Result<(), E> {
        auto! { #![error(E)] bad => Err(error)?, => bad }.await
    }
    assert_eq!(told(bare("no")), fields("&str", None));
    assert_eq!(told(printed("no")), fields("&str", Some("\"no\"")));
    assert_eq!(told(displayed("no")), fields("&str", Some("no")));
}

#[test]
fn none_is_the_failure_of_a_graph_of_options() {
    let (found, story) = seen_of(auto! {
        user => later(Some(1)).await?,
        posts: [user] => { let posts = later((*user > 1).then_some(2)).await?; posts + 1 },
        comments: [user as _] => pending::<()>().await,
    });
    assert!(found.is_none());
    assert_eq!(
        story.tree(),
        "auto: failed\n  user: done\n  posts: failed\n  comments: cancelled\n"
    );
    assert_eq!(story.field("posts", "exception.message"), Some("`None`"));
    let (found, story) =
        seen_of(auto! { a => later(None::<u8>).await?, b => pending::<()>().await });
    assert!(found.is_none());
    assert_eq!(story.tree(), "auto: failed\n  a: failed\n  b: cancelled\n");
}

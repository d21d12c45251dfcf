//! The answers to clients.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ureq::http::Response;

use crate::service::{Service, new_database};

/// All ways to put a page together.
pub(crate) const MODES: [&str; 6] = ["sync", "layers", "brew", "promise", "auto", "concurrent"];

/// Users at the edges of the data: the first ones, one in the middle, the last with posts, one without.
pub(crate) const USERS: [i64; 5] = [1, 2, 500, 999, 1000];

pub(crate) fn json(response: &Response<String>) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_str(response.body()).expect("JSON")
}

fn ids(rows: &Value) -> Vec<i64> {
    rows.as_array()
        .expect("rows")
        .iter()
        .map(|row| row["id"].as_i64().expect("an id"))
        .collect()
}

#[test]
fn all_modes_answer_the_same_bytes() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    for (user, shape) in USERS
        .into_iter()
        .flat_map(|user| ["", "/activity"].map(|shape| (user, shape)))
    {
        let pages = MODES.map(|mode| service.get(&format!("/{mode}/{user}{shape}"), None));
        assert!(
            pages
                .iter()
                .all(|page| page.status() == 200 && page.body() == pages[0].body()),
            "{pages:?}"
        );
    }
}

#[test]
fn page_has_all_rows_of_the_user_in_order() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let (mut posts, mut comments) = (0, 0);
    for user in [1, 2, 3, 999] {
        let page = json(&service.get(&format!("/auto/{user}"), None));
        assert_eq!(
            page["user"],
            json!({"id": user, "name": format!("User {user}")})
        );
        for (rows, count) in [
            (&page["posts"], &mut posts),
            (&page["comments"], &mut comments),
        ] {
            let ids = ids(rows);
            assert!(ids.is_sorted() && !ids.is_empty(), "{ids:?}");
            *count += ids.len();
        }
    }
    // 10,000 posts and 30,000 comments, spread over 999 users.
    assert_eq!((posts, comments), (40, 120));

    let newcomer = json(&service.get("/auto/1000", None));
    assert_eq!(
        newcomer,
        json!({"user": {"id": 1000, "name": "User 1000"}, "posts": [], "comments": []})
    );
}

#[test]
fn activity_surrounds_the_page() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    for user in [1, 500, 1000] {
        let page = json(&service.get(&format!("/auto/{user}"), None));
        let mut activity = json(&service.get(&format!("/auto/{user}/activity"), None));
        let [replies, threads] = ["replies", "threads"].map(|rows| activity[rows].take());
        let written: BTreeSet<i64> = page["comments"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|comment| comment["post_id"].as_i64().expect("an id"))
            .collect();
        let own: BTreeSet<i64> = ids(&page["posts"]).into_iter().collect();
        assert!(written.difference(&own).eq(&ids(&threads)));
        assert!(ids(&replies).is_sorted());
        let replies = replies.as_array().expect("rows");
        assert_eq!(replies.is_empty(), user == 1000);
        assert!(
            replies
                .iter()
                .all(|reply| own.contains(&reply["post_id"].as_i64().expect("an id")))
        );
        activity
            .as_object_mut()
            .expect("an object")
            .retain(|_, rows| !rows.is_null());
        assert_eq!(activity, page);
    }
}

#[test]
fn errors_say_what_to_do() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let not_an_id = |text| {
        format!(
            "`{text}` is not a user id; write a whole number from 1 to {}",
            i64::MAX
        )
    };
    let nowhere =
        "there is no page here; a user's page is at /MODE/USER_ID, new posts go to /posts";
    for (path, status, error) in [
        ("/auto/1001", 404, "there is no user 1001".to_owned()),
        ("/promise/1001", 404, "there is no user 1001".to_owned()),
        ("/brew/1001", 404, "there is no user 1001".to_owned()),
        (
            "/sync/9223372036854775807",
            404,
            "there is no user 9223372036854775807".to_owned(),
        ),
        ("/sync/0", 400, not_an_id("0")),
        ("/auto/-1", 400, not_an_id("-1")),
        ("/auto/+1", 400, not_an_id("+1")),
        ("/auto/%2B1", 400, not_an_id("+1")),
        ("/auto/01", 400, not_an_id("01")),
        ("/auto/1%20", 400, not_an_id("1 ")),
        ("/runs/+1", 400, not_an_id("+1")),
        ("/auto/one", 400, not_an_id("one")),
        ("/auto/1.5", 400, not_an_id("1.5")),
        ("/auto/%20", 400, not_an_id(" ")),
        (
            "/auto/9223372036854775808",
            400,
            not_an_id("9223372036854775808"),
        ),
        (
            "/auto/%ff",
            400,
            "Invalid URL: Invalid UTF-8 in `user_id`".to_owned(),
        ),
        (
            "/waterfall/1",
            404,
            "there is no mode `waterfall`; use one of sync, layers, brew, promise, auto, concurrent"
                .to_owned(),
        ),
        (
            "/AUTO/1",
            404,
            "there is no mode `AUTO`; use one of sync, layers, brew, promise, auto, concurrent"
                .to_owned(),
        ),
        ("/auto/1/posts", 404, nowhere.to_owned()),
        ("/auto/0/activity", 400, not_an_id("0")),
        (
            "/layers/1001/activity",
            404,
            "there is no user 1001".to_owned(),
        ),
    ] {
        let response = service.get(path, None);
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(json(&response), json!({ "error": error }), "{path}");
    }
}

#[test]
fn every_response_has_a_request_id() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let id = |path, sent| {
        service.get(path, sent).headers()["x-request-id"]
            .to_str()
            .expect("text")
            .to_owned()
    };

    let longest = "x".repeat(128);
    for fit in ["a", "order-66_2.b:c/d+e=", &longest] {
        assert_eq!(id("/auto/1", Some(fit)), fit);
        assert_eq!(id("/nowhere", Some(fit)), fit);
    }

    let too_long = "x".repeat(129);
    let made = [
        None,
        Some(""),
        Some("two words"),
        Some("id=1}"),
        Some("\"quoted\""),
        Some(&too_long),
    ];
    let mut made = made.map(|sent| id("/auto/1", sent));
    assert!(made.iter().all(|id| id.len() == 36), "{made:?}");
    made.sort_unstable();
    assert!(
        made.array_windows().all(|[one, next]| one != next),
        "{made:?}"
    );

    let log = service.terminate().end().log;
    for id in made {
        let logged = format!("request{{id={id} method=GET path=\"/auto/1\"}}");
        let ours = log.iter().filter(|line| line.contains(&logged));
        assert_eq!(
            ours.count(),
            7,
            "three queries with a start and an end, and the response: {log:#?}"
        );
    }
}

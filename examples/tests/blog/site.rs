//! The page for people, and the runs that it asks for, over HTTP.

use serde_json::{Value, json};

use crate::answers::{MODES, json};
use crate::service::{Process, Service, new_database};

/// What is told of the runs of a user, in order.
fn news(service: &Service, user: i64) -> Vec<Value> {
    let response = service.get(&format!("/runs/{user}"), Some("runs"));
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let data = response
        .body()
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).expect("JSON"))
        .collect()
}

/// What came of each mode.
fn outcomes(news: &[Value]) -> Vec<&Value> {
    let over: Vec<_> = news.iter().filter(|news| news["kind"] == "over").collect();
    assert!(
        over.iter().map(|over| &over["mode"]).eq(&MODES),
        "{news:#?}"
    );
    assert_eq!(news.last(), Some(&json!({"kind": "all"})));
    over
}

fn task<'a>(over: &'a Value, name: &str) -> &'a Value {
    let tasks = over["run"]["tasks"].as_array().expect("tasks");
    tasks
        .iter()
        .find(|task| task["name"] == name)
        .expect("a task")
}

fn time(task: &Value, name: &str) -> u64 {
    task[name].as_u64().expect("nanoseconds")
}

#[test]
fn the_page_comes_from_here_and_lets_nothing_else_in() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "1ms");
    for (path, content_type, beginning) in [
        ("/", "text/html; charset=utf-8", "<!DOCTYPE html>"),
        ("/style.css", "text/css; charset=utf-8", ":root {"),
        ("/script.js", "text/javascript; charset=utf-8", "// "),
    ] {
        let response = service.get(path, None);
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], content_type);
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .expect("text");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(response.body().starts_with(beginning), "{path}");
        assert!(
            !response.body().contains("//cdn") && !response.body().contains("https:"),
            "{path}"
        );

        let refused = service.post(path, "text/plain", "");
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["allow"]),
            (405, &"GET,HEAD".parse().expect("text"))
        );
        assert_eq!(
            json(&refused),
            json!({"error": "what is answered here is GET and HEAD"})
        );
    }
    let page = service.get("/", None).into_body();
    assert!(
        page.contains("<b>1 ms</b>")
            && page.contains(r#"data-latency-ms="1""#)
            && !page.contains('{'),
        "{page}"
    );
}

#[test]
fn each_mode_is_run_and_told_in_turn() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    let news = news(&service, 1);
    let page = json(&service.get("/auto/1", None));
    for (over, mode) in outcomes(&news).into_iter().zip(MODES) {
        assert_eq!(over["page"], page, "{mode}");
        assert_eq!(over["error"], Value::Null, "{mode}");
        assert_eq!(over["run"]["outcome"], "done", "{mode}");
        // Dependencies, and so who waits for whom, are those of the mode.
        let [user, posts, comments] = ["user", "posts", "comments"].map(|name| task(over, name));
        let is_sync = mode == "sync";
        assert_eq!(posts["dependencies"], json!(["user"]), "{mode}");
        assert_eq!(
            comments["dependencies"],
            json!([if is_sync { "posts" } else { "user" }]),
            "{mode}"
        );
        assert!(time(posts, "waited_ns") >= time(user, "end_ns"), "{over:#}");
        assert_eq!(
            time(comments, "waited_ns") >= time(posts, "end_ns"),
            is_sync,
            "{over:#}"
        );
        assert!(
            time(posts, "waited_ns") < time(comments, "end_ns"),
            "{over:#}"
        );
        assert!(
            user["is_critical"] == true
                && user["polls"]
                    .as_array()
                    .is_some_and(|polls| !polls.is_empty())
        );
    }
    // While it runs, it is told as well: each beginning before the starts before the ends, and no two modes at once.
    let kinds = |mode: &str| -> Vec<&str> {
        let first = news
            .iter()
            .position(|news| news["mode"] == mode)
            .expect("news");
        let of_mode = news[first..].iter().take_while(|news| news["mode"] == mode);
        of_mode
            .map(|news| news["kind"].as_str().expect("a kind"))
            .collect()
    };
    assert_eq!(
        kinds("sync"),
        [
            "begun", "started", "ended", "started", "ended", "started", "ended", "over"
        ]
    );
    for mode in ["layers", "brew", "promise", "auto", "concurrent"] {
        assert_eq!(
            kinds(mode),
            [
                "begun", "started", "ended", "started", "started", "ended", "ended", "over"
            ],
            "{mode}"
        );
    }
}

#[test]
fn an_unknown_user_is_what_each_mode_fails_with() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    for over in outcomes(&news(&service, 1001)) {
        assert_eq!(
            over["error"],
            json!({"status": 404, "text": "there is no user 1001"})
        );
        assert_eq!(over["page"], Value::Null);
        assert_eq!(over["run"]["outcome"], "failed", "{over:#}");
        assert_eq!(over["run"]["declared"], 3);
        let [user] = over["run"]["tasks"].as_array().expect("tasks").as_slice() else {
            panic!("{over:#}")
        };
        assert_eq!(
            (&user["name"], &user["outcome"]),
            (&json!("user"), &json!("failed"))
        );
        assert_eq!(user["error"], "there is no user 1001");
    }
}

#[test]
fn what_takes_too_long_is_told_and_the_stream_ends_although_callbacks_go_on() {
    let (_directory, database) = new_database();
    let service = Process::start_within("1ms", "127.0.0.1:0", &database, "1h").listening();
    for over in outcomes(&news(&service, 1)) {
        assert_eq!(
            over["error"],
            json!({"status": 503, "text": "this took too long, please try again"})
        );
    }
    let log = service.terminate().end().log;
    let told = log
        .iter()
        .filter(|line| line.contains("id=runs ") && line.contains("this took too long"));
    assert_eq!(told.count(), 5, "{log:#?}");
}

#[test]
fn an_id_that_is_none_is_refused_before_anything_runs() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    for (id, status) in [
        ("0", 400),
        ("one", 400),
        ("9223372036854775808", 400),
        ("%ff", 400),
        ("1/2", 404),
    ] {
        let response = service.get(&format!("/runs/{id}"), None);
        assert_eq!(response.status(), status, "{id}");
        assert_eq!(
            json(&response),
            json(&service.get(&format!("/auto/{id}"), None))
        );
    }
}

#[test]
fn a_reader_who_leaves_cancels_the_runs() {
    let (_directory, database) = new_database();
    let mut service = Service::start(&database, "1h");
    let reader = service.send("/runs/1", "gone");
    service.wait_for("gone", "user start");
    drop(reader);
    service.wait_for("gone", "user cancelled");
}

//! The page `GET /` and its runs, over HTTP.

use serde_json::{Value, json};

use crate::answers::{MODES, json};
use crate::service::{Process, Service, new_database};

/// The reports on the runs at a path, in order.
fn reports(service: &Service, path: &str) -> Vec<Value> {
    let response = service.get(path, Some("runs"));
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let data = response
        .body()
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).expect("JSON"))
        .collect()
}

/// The results of the modes.
fn results(reports: &[Value]) -> Vec<&Value> {
    let finished: Vec<_> = reports
        .iter()
        .filter(|report| report["kind"] == "finished")
        .collect();
    assert!(
        finished.iter().map(|result| &result["mode"]).eq(&MODES),
        "{reports:#?}"
    );
    assert_eq!(reports.last(), Some(&json!({"kind": "all-finished"})));
    finished
}

fn task<'a>(result: &'a Value, name: &str) -> &'a Value {
    let tasks = result["run"]["tasks"].as_array().expect("tasks");
    tasks
        .iter()
        .find(|task| task["name"] == name)
        .expect("a task")
}

fn time(task: &Value, name: &str) -> u64 {
    task[name].as_u64().expect("nanoseconds")
}

#[test]
fn page_loads_nothing_from_elsewhere() {
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
            !response.body().contains("src=\"http") && !response.body().contains("url(http"),
            "{path}"
        );

        let refused = service.post(path, "text/plain", "");
        assert_eq!(
            (refused.status().as_u16(), &refused.headers()["allow"]),
            (405, &"GET,HEAD".parse().expect("text"))
        );
        assert_eq!(
            json(&refused),
            json!({"error": "method not allowed; use GET or HEAD"})
        );
    }
    let page = service.get("/", None).into_body();
    assert!(
        page.contains("<b>1&nbsp;ms</b>")
            && page.contains(">3&nbsp;ms</b>")
            && page.contains(r#"data-latency-ms="1""#)
            && page.contains("pub(super) async fn activity(")
            && !page.contains("{{"),
        "{page}"
    );
}

#[test]
fn modes_run_and_report_in_turn() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    let reports = reports(&service, "/runs/1");
    let page = json(&service.get("/auto/1", None));
    for (result, mode) in results(&reports).into_iter().zip(MODES) {
        assert_eq!(result["answer"], page, "{mode}");
        assert_eq!(result["error"], Value::Null, "{mode}");
        assert_eq!(result["run"]["outcome"], "done", "{mode}");
        // The recorded dependencies are those that the mode waits for.
        let [user, posts, comments] = ["user", "posts", "comments"].map(|name| task(result, name));
        let is_sync = mode == "sync";
        assert_eq!(posts["dependencies"], json!(["user"]), "{mode}");
        assert_eq!(
            comments["dependencies"],
            json!([if is_sync { "posts" } else { "user" }]),
            "{mode}"
        );
        assert!(
            time(posts, "waited_ns") >= time(user, "end_ns"),
            "{result:#}"
        );
        assert_eq!(
            time(comments, "waited_ns") >= time(posts, "end_ns"),
            is_sync,
            "{result:#}"
        );
        assert!(
            time(posts, "waited_ns") < time(comments, "end_ns"),
            "{result:#}"
        );
        assert!(
            user["is_critical"] == true
                && user["polls"]
                    .as_array()
                    .is_some_and(|polls| !polls.is_empty())
        );
    }
    // Within a mode, reports arrive in order, and no two modes run at once.
    let kinds = |mode: &str| -> Vec<&str> {
        let first = reports
            .iter()
            .position(|report| report["mode"] == mode)
            .expect("a report");
        let of_mode = reports[first..]
            .iter()
            .take_while(|report| report["mode"] == mode);
        of_mode
            .map(|report| report["kind"].as_str().expect("a kind"))
            .collect()
    };
    let (began, started, ended, finished) = ("began", "task-started", "task-ended", "finished");
    assert_eq!(
        kinds("sync"),
        [
            began, started, ended, started, ended, started, ended, finished
        ]
    );
    for mode in &MODES[1..] {
        assert_eq!(
            kinds(mode),
            [
                began, started, ended, started, started, ended, ended, finished
            ],
            "{mode}"
        );
    }
}

#[test]
fn only_layers_and_sync_delay_the_replies() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    let activity = json(&service.get("/auto/1/activity", None));
    let reports = reports(&service, "/runs/1/activity");
    for (result, mode) in results(&reports).into_iter().zip(MODES) {
        assert_eq!(result["answer"], activity, "{mode}");
        assert_eq!(result["run"]["declared"], 5, "{mode}");
        let [posts, comments, replies, threads] =
            ["posts", "comments", "replies", "threads"].map(|name| task(result, name));
        for needed in [posts, comments] {
            assert!(time(threads, "waited_ns") >= time(needed, "end_ns"));
        }
        assert!(time(replies, "waited_ns") >= time(posts, "end_ns"));
        let has_barrier = ["sync", "layers"].contains(&mode);
        if has_barrier {
            assert!(time(replies, "waited_ns") >= time(comments, "end_ns"));
        }
        assert_eq!(
            replies["dependencies"] == json!(["posts"]),
            !has_barrier,
            "{mode}: {result:#}"
        );
    }
}

#[test]
fn unknown_user_fails_each_mode() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    for (path, tasks) in [("/runs/1001", 3), ("/runs/1001/activity", 5)] {
        for result in results(&reports(&service, path)) {
            assert_eq!(
                result["error"],
                json!({"status": 404, "text": "there is no user 1001"})
            );
            assert_eq!(result["answer"], Value::Null);
            assert_eq!(result["run"]["outcome"], "failed", "{result:#}");
            assert_eq!(result["run"]["declared"], tasks);
            let [user] = result["run"]["tasks"].as_array().expect("tasks").as_slice() else {
                panic!("{result:#}")
            };
            assert_eq!(
                (&user["name"], &user["outcome"]),
                (&json!("user"), &json!("failed"))
            );
            assert_eq!(user["error"], "there is no user 1001");
        }
    }
}

#[test]
fn slow_runs_end_the_stream_despite_callbacks() {
    let (_directory, database) = new_database();
    let service = Process::start_within("1ms", "127.0.0.1:0", &database, "1h").listening();
    for result in results(&reports(&service, "/runs/1")) {
        assert_eq!(
            result["error"],
            json!({"status": 503, "text": "the request took too long; please try again later"})
        );
    }
    let log = service.terminate().end().log;
    let logged = log
        .iter()
        .filter(|line| line.contains("id=runs ") && line.contains("the request took too long"));
    assert_eq!(logged.count(), MODES.len(), "{log:#?}");
}

#[test]
fn invalid_id_is_rejected_before_any_run() {
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
fn closing_the_stream_cancels_the_runs() {
    let (_directory, database) = new_database();
    let mut service = Service::start(&database, "1h");
    let reader = service.send("/runs/1", "gone");
    service.wait_for("gone", "user start");
    drop(reader);
    service.wait_for("gone", "user cancelled");
}

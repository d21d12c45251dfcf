//! Time and memory to compile graphs of many tasks, compared with the same by hand: `cargo bench -p conjoin-tests
//! --bench compile-time`.
//!
//! Sources are written for `auto!` and for `await`s and `futures::try_join!` by hand, and given to rustc as `cargo
//! check`, `cargo build` and `cargo build --release` give them to it. Up to 256 tasks, each source is compiled three
//! times, and the shortest time counts. The time is that of the processor, for rustc and the linker, and the memory the
//! most that rustc had, both from Linux's `/proc`.
//!
//! Arguments are the numbers of tasks, 64 to 512 and, as a chain only, 1000, if there are none.

#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    reason = "a program, and small numbers"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A task, which is the same in all graphs, and who runs them.
const FRAME: &str = "
    #[derive(Debug)]
    pub struct Failed;

    pub async fn step(input: u64) -> Result<u64, Failed> {
        std::future::ready(()).await;
        input.checked_add(1).ok_or(Failed)
    }

    fn main() {
        let graph = std::pin::pin!(graph());
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        println!(\"{:?}\", Future::poll(graph, &mut cx));
    }
";

#[derive(Clone, Copy)]
enum Shape {
    Chain,
    Wide,
    /// Of eight; each task needs all of the layer before its own.
    Layers,
}

const SHAPES: [(&str, Shape); 3] = [
    ("chain", Shape::Chain),
    ("wide", Shape::Wide),
    ("layers of 8", Shape::Layers),
];

impl Shape {
    /// The tasks that a task needs.
    fn needs(self, task: usize) -> std::ops::Range<usize> {
        match self {
            Shape::Chain => task.saturating_sub(1)..task,
            Shape::Wide => 0..0,
            Shape::Layers => (task / 8).saturating_sub(1) * 8..task / 8 * 8,
        }
    }

    /// The call for a task.
    fn call(self, task: usize) -> String {
        let inputs: Vec<_> = self.needs(task).map(|need| format!(" + t{need}")).collect();
        format!("crate::step({task}{})", inputs.concat())
    }

    fn by_auto(self, tasks: usize) -> String {
        let lines: Vec<_> = (0..tasks)
            .map(|task| {
                let needs: Vec<_> = self.needs(task).map(|need| format!("t{need}")).collect();
                format!(
                    "t{task}: [{}] => {}.await?,\n",
                    needs.join(", "),
                    self.call(task)
                )
            })
            .collect();
        graph(&format!(
            "let graph = conjoin::auto! {{\n{}}}.await?;\nOk(graph.t{})",
            lines.concat(),
            tasks - 1
        ))
    }

    fn by_hand(self, tasks: usize) -> String {
        let at_once = match self {
            Shape::Chain => 1,
            Shape::Wide => tasks,
            Shape::Layers => 8,
        };
        let mut body = String::new();
        for first in (0..tasks).step_by(at_once) {
            let layer = first..tasks.min(first + at_once);
            if at_once == 1 {
                writeln!(body, "let t{first} = {}.await?;", self.call(first)).expect("a string");
                continue;
            }
            let names: Vec<_> = layer.clone().map(|task| format!("t{task}")).collect();
            let calls: Vec<_> = layer.map(|task| self.call(task)).collect();
            writeln!(
                body,
                "let ({}) = futures::try_join!({})?;",
                names.join(", "),
                calls.join(",\n")
            )
            .expect("a string");
        }
        graph(&format!("{body}Ok(t{})", tasks - 1))
    }
}

fn graph(body: &str) -> String {
    format!(
        "#![allow(unused)]\n{FRAME}\npub async fn graph() -> Result<u64, Failed> {{\n{body}\n}}\n"
    )
}

/// As much as cargo passes on for each of its commands.
const COMMANDS: [(&str, &[&str]); 3] = [
    ("check", &["--emit=metadata"]),
    ("build", &["--emit=link", "-Cdebuginfo=2"]),
    ("build --release", &["--emit=link", "-Copt-level=3"]),
];

/// The shortest time of some runs, and the most memory in MiB.
fn compile(source: &Path, libraries: &Libraries, flags: &[&str], runs: usize) -> (f64, u64) {
    let run = |_| {
        let mut rustc = Command::new("rustc")
            .args(["--edition=2024", "--crate-name=graph", "--out-dir"])
            .arg(source.parent().expect("a folder"))
            .args(flags)
            .args(libraries.arguments())
            .arg(source)
            .spawn()
            .expect("rustc");
        let mut memory = 0;
        // The most memory can be asked for until it ends, the time until it is waited for.
        let seconds = loop {
            memory = memory.max(most_memory(rustc.id()));
            match seconds_when_ended(rustc.id()) {
                Some(seconds) => break seconds,
                None => thread::sleep(Duration::from_millis(2)),
            }
        };
        assert!(
            rustc.wait().expect("rustc").success(),
            "{} does not compile",
            source.display()
        );
        (seconds, memory)
    };
    let (seconds, memory): (Vec<_>, Vec<_>) = (0..runs).map(run).unzip();
    (
        seconds.into_iter().fold(f64::INFINITY, f64::min),
        memory.into_iter().max().expect("a run"),
    )
}

/// In MiB.
fn most_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux's `/proc`");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    line.map_or(0, |kibibytes| {
        kibibytes.parse::<u64>().expect("a number") / 1024
    })
}

/// Those of a process, and of its own that have ended, on all processors together.
fn seconds_when_ended(process: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux's `/proc`");
    // What comes before may hold spaces.
    let fields: Vec<_> = stat
        .rsplit_once(')')
        .expect("a name")
        .1
        .split_whitespace()
        .collect();
    // See proc_pid_stat(5): utime, stime, cutime and cstime, in hundredths of seconds.
    let hundredths = fields[11..15]
        .iter()
        .map(|field| field.parse::<f64>().expect("a number"));
    (fields[0] == "Z").then(|| hundredths.sum::<f64>() / 100.0)
}

/// What the sources use, which cargo builds.
struct Libraries(Vec<(&'static str, PathBuf)>);

impl Libraries {
    fn build() -> Self {
        let cargo = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--package=conjoin-tests",
                "--bench=compile-time",
                "--message-format=json",
            ])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo");
        assert!(cargo.status.success(), "the libraries do not compile");
        let messages = String::from_utf8(cargo.stdout).expect("cargo's messages");
        let artifacts: Vec<Value> = messages
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let library = |name: &'static str| {
            let artifact = artifacts
                .iter()
                .find(|artifact| artifact["target"]["name"] == name);
            let files = artifact
                .and_then(|artifact| artifact["filenames"].as_array())
                .expect("a library's files");
            let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
            let file = files.find(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "rlib")
            });
            (name, file.expect("a library"))
        };
        Libraries(["conjoin", "futures"].map(library).into())
    }

    fn arguments(&self) -> Vec<String> {
        let external = self
            .0
            .iter()
            .map(|(name, file)| format!("--extern={name}={}", file.display()));
        let folders = self
            .0
            .iter()
            .filter_map(|(_, file)| file.parent())
            .map(|folder| {
                let folder = if folder.ends_with("deps") {
                    folder.to_owned()
                } else {
                    folder.join("deps")
                };
                format!("-Ldependency={}", folder.display())
            });
        external.chain(folders).collect()
    }
}

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile");
    fs::create_dir_all(&folder).expect("a folder for the sources");
    let libraries = Libraries::build();
    let size = |argument: String| match argument.parse() {
        Ok(0) | Err(_) => panic!("`{argument}` is no number of tasks"),
        Ok(size) => size,
    };
    // Cargo itself adds `--bench`.
    let sizes: Vec<usize> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(size)
        .collect();
    let all = if sizes.is_empty() {
        vec![64, 128, 256, 512, 1000]
    } else {
        sizes
    };

    println!("| graph | tasks | command | `auto!` | a task | by hand | a task | time | memory |");
    println!("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (name, shape) in SHAPES {
        // By hand, wide ones of a thousand take minutes.
        for &tasks in all
            .iter()
            .filter(|&&tasks| tasks < 1000 || matches!(shape, Shape::Chain))
        {
            let sources = [
                ("auto", shape.by_auto(tasks)),
                ("hand", shape.by_hand(tasks)),
            ]
            .map(|(kind, source)| {
                let path = folder.join(format!("{kind}.rs"));
                fs::write(&path, source).expect("a source");
                path
            });
            // What takes longer is disturbed less.
            let runs = if tasks > 256 { 1 } else { 3 };
            for (command, flags) in COMMANDS {
                let [auto, hand] = sources
                    .each_ref()
                    .map(|source| compile(source, &libraries, flags, runs));
                let cell = |(seconds, memory): (f64, u64)| {
                    format!(
                        "{seconds:.2} s, {memory} MiB | {:.1} ms",
                        seconds * 1e3 / tasks as f64
                    )
                };
                let (seconds, memory) = (auto.0 / hand.0, auto.1 as f64 / hand.1 as f64);
                let (auto, hand) = (cell(auto), cell(hand));
                println!(
                    "| {name} | {tasks} | `{command}` | {auto} | {hand} | {seconds:.2} | {memory:.2} |"
                );
            }
        }
    }
}

//! Measures rustc as `cargo check` calls it: CPU time and memory, from Linux's `/proc`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use serde_json::Value;

/// The cost of a compilation.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// The CPU time, of all processors together.
    pub seconds: f64,
    /// The peak of memory.
    pub mebibytes: f64,
}

impl Taken {
    /// The least of both.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Taken {
            seconds: self.seconds.min(other.seconds),
            mebibytes: self.mebibytes.min(other.mebibytes),
        }
    }
}

/// Builds this package, and returns cargo's messages.
fn cargo(arguments: &[&str]) -> Vec<Value> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--package=conjoin-benches-counted"])
        .arg("--message-format=json")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "this package does not compile");
    let messages = String::from_utf8(output.stdout).expect("cargo writes text");
    messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Builds a program of this package, and returns its path.
///
/// # Panics
///
/// If it does not compile.
#[must_use]
pub fn executable(name: &str, arguments: &[&str]) -> PathBuf {
    let artifacts = cargo(arguments);
    let mut programs = artifacts
        .iter()
        .filter(|artifact| artifact["target"]["name"] == name)
        .filter_map(|artifact| artifact["executable"].as_str());
    programs.next().expect("cargo names the program").into()
}

/// The libraries that the sources use, as cargo builds them for `cargo check`.
#[derive(Debug)]
pub struct Libraries(Vec<(&'static str, PathBuf)>);

impl Libraries {
    /// Builds them.
    ///
    /// # Panics
    ///
    /// If cargo does not build them.
    #[must_use]
    pub fn build() -> Self {
        let artifacts = cargo(&["--lib"]);
        let library = |name: &'static str| {
            let artifact = artifacts
                .iter()
                .find(|artifact| artifact["target"]["name"] == name);
            let files = artifact
                .and_then(|artifact| artifact["filenames"].as_array())
                .expect("cargo names the files");
            let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
            let file = files.find(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "rlib")
            });
            (name, file.expect("a library has an rlib"))
        };
        Libraries(["conjoin", "futures"].map(library).into())
    }

    /// Checks a source.
    ///
    /// # Panics
    ///
    /// If it does not compile, or `/proc` is missing.
    #[must_use]
    pub fn check(&self, source: &Path) -> Taken {
        let mut rustc = Command::new("rustc");
        rustc
            .args(["--edition=2024", "--crate-type=lib", "--crate-name=graphs"])
            .args(["--emit=metadata", "--out-dir"])
            .arg(source.parent().expect("a source is in a folder"))
            .arg(source);
        for (name, file) in &self.0 {
            let folder = file.parent().expect("a library is in a folder");
            let deps = if folder.ends_with("deps") {
                folder.to_owned()
            } else {
                folder.join("deps")
            };
            rustc
                .arg(format!("--extern={name}={}", file.display()))
                .arg(format!("-Ldependency={}", deps.display()));
        }
        let mut rustc = rustc.spawn().expect("rustc starts");
        let mut mebibytes = 0.0_f64;
        // Linux knows the memory until the process ends, and the time until it is waited for.
        let seconds = loop {
            mebibytes = mebibytes.max(most_memory(rustc.id()));
            match seconds_when_ended(rustc.id()) {
                Some(seconds) => break seconds,
                None => thread::sleep(Duration::from_millis(1)),
            }
        };
        assert!(
            rustc.wait().expect("rustc ends").success(),
            "{} does not compile",
            source.display()
        );
        Taken { seconds, mebibytes }
    }
}

/// In MiB.
fn most_memory(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux's `/proc`");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    line.map_or(0.0, |kibibytes| {
        kibibytes.parse::<f64>().expect("a number") / 1024.0
    })
}

fn seconds_when_ended(process: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux's `/proc`");
    // The program's name, which comes first, may have spaces in it.
    let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
    let fields: Vec<_> = fields.split_whitespace().collect();
    // See proc_pid_stat(5): utime and stime, in hundredths of seconds.
    let hundredths = fields[11..13]
        .iter()
        .map(|field| field.parse::<f64>().expect("a number"));
    (fields[0] == "Z").then(|| hundredths.sum::<f64>() / 100.0)
}

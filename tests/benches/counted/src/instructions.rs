//! Instructions, counted by callgrind: the same number on every run of a build.

use std::hint::black_box;
use std::process::{Command, Stdio, exit};
use std::{env, fs};

/// What is counted.
pub type Case = Box<dyn Fn()>;

/// How often each case runs, after a few runs that are not counted.
const RUNS: u32 = 100;

/// What a program is called with to run what is counted.
const ARGUMENT: &str = "--count";

/// The instructions for a run of each case, or why they cannot be counted.
///
/// The program runs itself under callgrind, and this call runs the cases there. It must make the same cases then.
///
/// # Errors
///
/// If valgrind is missing or fails.
pub fn instructions(cases: &[&dyn Fn()]) -> Result<Vec<f64>, String> {
    if env::args().any(|argument| argument == ARGUMENT) {
        run(cases);
        exit(0);
    }
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let file = program.with_extension(format!("{}.callgrind", std::process::id()));
    let status = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--combine-dumps=yes",
            "--dump-before=*callgrind_dumps_here*",
        ])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(program)
        .args(env::args().skip(1))
        .arg(ARGUMENT)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| {
            format!("cannot run valgrind: {error}\n\nhelp: on Debian, `apt install valgrind`")
        })?;
    let parts = fs::read_to_string(&file).unwrap_or_default();
    let _ = fs::remove_file(file);
    if !status.success() {
        return Err(format!("valgrind ended with {status}"));
    }
    // Each call of the function ends a part; every other part, from the second on, is a case.
    let totals = parts
        .lines()
        .filter_map(|line| line.strip_prefix("totals: "));
    let counts: Result<Vec<_>, _> = totals
        .skip(1)
        .step_by(2)
        .take(cases.len())
        .map(|total| total.trim().parse::<f64>())
        .collect();
    match counts {
        Ok(counts) if counts.len() == cases.len() => Ok(counts
            .into_iter()
            .map(|count| count / f64::from(RUNS))
            .collect()),
        _ => Err("callgrind counted too few cases".into()),
    }
}

fn run(cases: &[&dyn Fn()]) {
    for case in cases {
        case();
        case();
        callgrind_dumps_here();
        for _ in 0..RUNS {
            black_box(case)();
        }
        callgrind_dumps_here();
    }
}

/// Callgrind knows it by its name. (It can also count within one function alone, but then it does not dump.)
#[inline(never)]
fn callgrind_dumps_here() {
    black_box(());
}

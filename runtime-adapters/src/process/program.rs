use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use tokio::net::UnixStream;

use super::child::Child;
use super::output;
use super::output::OutputMode;
use super::printer::OutputSource;
use super::role::{ROLES, WorkerRole};
use super::spawner;

/// The program that workers run: by default this one, with the same arguments.
#[derive(Clone)]
pub(crate) struct Program {
    image: Executable,
    /// Its name, if that is not its path.
    name: Option<OsString>,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    output: OutputMode,
}

impl fmt::Debug for Program {
    /// Leaves out the values of the environment, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        f.debug_struct("Program")
            .field("image", &self.image)
            .field("args", &self.args)
            .field("env", &variables)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug)]
enum Executable {
    /// The file that this process runs, even if its path now leads to another one.
    Running,
    At(PathBuf),
}

/// On Linux, the file that this process runs, whatever happened to its path.
const RUNNING: &str = "/proc/self/exe";

impl Program {
    /// Workers run the same file as this process, even if it has been replaced at its path.
    pub(crate) fn running() -> Self {
        let mut args = env::args_os();
        Self {
            image: Executable::Running,
            name: args.next(),
            args: args.collect(),
            env: Vec::new(),
            output: OutputMode::Logged,
        }
    }

    /// Workers run the file that is at this program's path when they are started: the new one, if it was replaced.
    pub(crate) fn newest() -> io::Result<Self> {
        Ok(Self {
            image: Executable::At(env::current_exe()?),
            ..Self::running()
        })
    }

    /// Another program, which must also call [`WorkerRole::inherit`].
    pub(crate) fn path(self, path: impl Into<PathBuf>) -> Self {
        Self {
            image: Executable::At(path.into()),
            name: None,
            ..self
        }
    }

    /// Other arguments, without the program's name.
    pub(crate) fn args(self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        Self {
            args: args.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// An additional environment variable.
    pub(crate) fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Where standard output and standard error go: [`Logged`](OutputMode::Logged) by default.
    pub(crate) fn output(self, output: OutputMode) -> Self {
        Self { output, ..self }
    }

    /// Starts a worker, whose standard input is the other end of the returned socket.
    ///
    /// Keep the socket while the worker is to live: the worker ends as soon as this end closes. To tell it that no more
    /// data comes, shut down the socket's writing side.
    ///
    /// Cancel safe: a worker that was not returned is killed.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O enabled.
    pub(crate) async fn spawn(
        &self,
        role: &'static WorkerRole,
        index: usize,
    ) -> io::Result<(Child, UnixStream)> {
        let (ours, theirs) = StdUnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let ours = UnixStream::from_std(ours)?;

        let mut command = self.command(&role.value(index, process::id(), &theirs)?, role)?;
        command.stdin(Stdio::from(OwnedFd::from(theirs)));
        // Dropping the command closes this process's copy of the worker's end, which must be closed when the worker
        // ends.
        let (child, stdout, stderr) = spawner::run(move || Child::spawn(&mut command)).await??;

        let source = |stream| OutputSource {
            role: role.name,
            index,
            pid: child.id(),
            stream,
        };
        if let Some(stdout) = stdout {
            output::log(stdout.into(), source("stdout"))?;
        }
        if let Some(stderr) = stderr {
            output::log(stderr.into(), source("stderr"))?;
        }
        Ok((child, ours))
    }

    /// The command, with everything that makes the process a worker.
    fn command(&self, value: &str, role: &WorkerRole) -> io::Result<Command> {
        let mut command = match &self.image {
            Executable::At(path) => Command::new(path),
            Executable::Running => {
                let path = env::current_exe()?;
                // The program's own path, if it still leads to this file, so that lists of processes show it.
                Command::new(if is_running(&path) {
                    &path
                } else {
                    Path::new(RUNNING)
                })
            }
        };
        if let Some(name) = &self.name {
            command.arg0(name);
        }
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        for other in ROLES {
            command.env_remove(other.variable);
        }
        command.env(role.variable, value);
        // A group of its own: the parent handles signals from the terminal, and the worker can be killed with
        // everything that it has started.
        command.process_group(0);
        if self.output == OutputMode::Logged {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        Ok(command)
    }
}

/// Whether the file at this path is the one that this process runs. Assumed if it cannot be found out.
fn is_running(path: &Path) -> bool {
    let Ok(running) = fs::metadata(RUNNING) else {
        return true;
    };
    fs::metadata(path).is_ok_and(|file| (file.dev(), file.ino()) == (running.dev(), running.ino()))
}

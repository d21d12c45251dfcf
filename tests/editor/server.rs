//! A client of the language server protocol, with the little of it that the tests need.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The first answer waits for cargo and for the analysis of the standard library; a server that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// rust-analyzer on a crate of its own, which depends on `conjoin`. Ends with this value.
pub(crate) struct Server {
    process: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    folder: PathBuf,
    requests: u64,
    version: u64,
}

/// Where something stands in the text: line and column, from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(pub(crate) u64, pub(crate) u64);

/// One completion: its label, and the protocol's number for what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Offer(pub(crate) String, pub(crate) u64);

impl Server {
    /// Starts on a crate in a folder of the test's own, which consists of `modules`, by name, and of `src/lib.rs`,
    /// which is what is edited.
    pub(crate) fn start(test: &str, modules: &[(&str, &str)]) -> Server {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("editor")
            .join(test);
        write_crate(&folder, modules).expect("the folder for tests can be written to");
        let program = std::env::var_os("RUST_ANALYZER").unwrap_or_else(|| "rust-analyzer".into());
        let mut process = Command::new(&program)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.to_string_lossy()));
        let input = process.stdin.take().expect("stdin is a pipe");
        let output = BufReader::new(process.stdout.take().expect("stdout is a pipe"));
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || read_messages(output, |message| sender.send(message).is_ok()));
        let mut server = Server {
            process,
            input,
            messages,
            folder,
            requests: 0,
            version: 0,
        };
        server.initialize();
        server
    }

    fn initialize(&mut self) {
        let options = json!({
            "cachePriming": { "enable": false },
            "cargo": {
                "sysrootSrc": std::env::var("RUST_SRC_PATH").ok(),
                // Where the macro is built once for all tests.
                "targetDir": self.folder.with_file_name("target"),
            },
            "checkOnSave": false,
            "procMacro": { "enable": true },
        });
        self.request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": uri(&self.folder),
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "textDocument": { "hover": { "contentFormat": ["plaintext"] } },
                    "general": { "positionEncodings": ["utf-8"] },
                },
                "initializationOptions": options,
            }),
        );
        self.notify("initialized", &json!({}));
        loop {
            let message = self.receive();
            if message["method"] == "experimental/serverStatus"
                && message["params"]["quiescent"] == true
            {
                let status = &message["params"];
                assert_eq!(status["health"], "ok", "{}", status["message"]);
                break;
            }
            self.answer(&message);
        }
        let document = json!({ "uri": self.uri(), "languageId": "rust", "version": 0, "text": "" });
        self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    /// Replaces the text of `src/lib.rs`, as an editor does that has not saved it.
    pub(crate) fn edit(&mut self, text: &str) {
        self.version += 1;
        let document = json!({ "uri": self.uri(), "version": self.version });
        let changes = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.notify("textDocument/didChange", &changes);
    }

    pub(crate) fn completion(&mut self, at: Position) -> BTreeSet<Offer> {
        let answer = self.ask("textDocument/completion", at, json!({}));
        let items = answer
            .get("items")
            .unwrap_or(&answer)
            .as_array()
            .cloned()
            .unwrap_or_default();
        let text = |item: &Value| item["label"].as_str().unwrap_or_default().to_owned();
        items
            .iter()
            .map(|item| Offer(text(item), item["kind"].as_u64().unwrap_or_default()))
            .collect()
    }

    /// What is shown of the word at a position.
    pub(crate) fn hover(&mut self, at: Position) -> Option<String> {
        let answer = self.ask("textDocument/hover", at, json!({}));
        answer["contents"]["value"].as_str().map(ToOwned::to_owned)
    }

    /// Where the word at a position is declared.
    pub(crate) fn definition(&mut self, at: Position) -> BTreeSet<Position> {
        let answer = self.ask("textDocument/definition", at, json!({}));
        let targets = answer.as_array().cloned().unwrap_or_default();
        let start = |target: &Value| {
            target
                .get("targetSelectionRange")
                .or(target.get("range"))?
                .get("start")
                .cloned()
        };
        targets
            .iter()
            .filter_map(start)
            .map(|start| position(&start))
            .collect()
    }

    /// Where a new name is written for the word at a position, or why it is not to be.
    pub(crate) fn rename(&mut self, at: Position) -> BTreeSet<Position> {
        let answer = self.ask("textDocument/rename", at, json!({ "newName": "renamed" }));
        let documents = answer["documentChanges"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let edits = documents
            .iter()
            .filter_map(|document| document["edits"].as_array())
            .flatten();
        edits
            .map(|edit| position(&edit["range"]["start"]))
            .collect()
    }

    /// What it has to say of the file.
    pub(crate) fn diagnostics(&mut self) -> Vec<String> {
        let document = json!({ "textDocument": { "uri": self.uri() } });
        let answer = self.request("textDocument/diagnostic", &document);
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| item["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    fn ask(
        &mut self,
        method: &str,
        Position(line, column): Position,
        mut parameters: Value,
    ) -> Value {
        parameters["textDocument"] = json!({ "uri": self.uri() });
        parameters["position"] = json!({ "line": line, "character": column });
        self.request(method, &parameters)
    }

    /// The result of a request, `null` for one that is refused.
    fn request(&mut self, method: &str, parameters: &Value) -> Value {
        /// The text or the crate has changed during the request. A repeated request uses the current state.
        const CONTENT_MODIFIED: i64 = -32801;
        loop {
            self.requests += 1;
            let id = self.requests;
            self.send(
                &json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }),
            );
            let answer = loop {
                let message = self.receive();
                if message["id"] == id && message.get("method").is_none() {
                    break message;
                }
                self.answer(&message);
            };
            if answer["error"]["code"] != CONTENT_MODIFIED {
                return answer["result"].clone();
            }
        }
    }

    fn notify(&mut self, method: &str, parameters: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    /// Of what the server asks its editor for there is nothing here.
    fn answer(&mut self, message: &Value) {
        if message.get("method").is_some()
            && let Some(id) = message.get("id")
        {
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
        }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let sent = write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush());
        sent.expect("rust-analyzer runs");
    }

    fn receive(&mut self) -> Value {
        self.messages
            .recv_timeout(PATIENCE)
            .expect("rust-analyzer answers")
    }

    fn uri(&self) -> String {
        uri(&self.folder.join("src/lib.rs"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It holds nothing that would be lost.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn write_crate(folder: &Path, modules: &[(&str, &str)]) -> io::Result<()> {
    let conjoin = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../dsl")
        .canonicalize()?;
    let manifest = format!(
        "[package]\nname = \"editor\"\nedition = \"2024\"\n\n\
         [dependencies]\nconjoin = {{ path = \"{}\" }}\n\n[workspace]\n",
        conjoin.display()
    );
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), manifest)?;
    // With the versions that the workspace has.
    fs::copy(conjoin.join("../Cargo.lock"), folder.join("Cargo.lock"))?;
    fs::write(folder.join("src/lib.rs"), "")?;
    modules
        .iter()
        .try_for_each(|(name, text)| fs::write(folder.join("src").join(format!("{name}.rs")), text))
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn position(value: &Value) -> Position {
    Position(
        value["line"].as_u64().unwrap_or_default(),
        value["character"].as_u64().unwrap_or_default(),
    )
}

/// Hands over each message, until there are no more or none is wanted.
fn read_messages(mut output: impl BufRead, mut hand_over: impl FnMut(Value) -> bool) {
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if output.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", bytes)) => {
                    length = bytes.parse().expect("the length is a number");
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        let whole = output.read_exact(&mut text).is_ok();
        let Some(message) = whole.then(|| serde_json::from_slice(&text).ok()).flatten() else {
            return;
        };
        if !hand_over(message) {
            return;
        }
    }
}

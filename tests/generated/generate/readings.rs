//! Real code as bodies: where they end and whether a `?` leaves them, for the macro to find as well.

use std::fs;
use std::path::Path;

use quote::ToTokens as _;
use syn::visit::{self, Visit};
use syn::{Expr, Item};

use crate::random::Random;

/// Where to look, seen from the workspace.
const FOLDERS: [&str; 5] = [
    "dsl/src",
    "dsl-macros/src",
    "examples",
    "runtime-adapters",
    "tests",
];

const LONGEST: usize = 1_500;

/// What stands after a body.
const AFTER: [&str; 6] = [
    ", last_task: [first_task] => 2, => last_task",
    ", last_task => 2, => last_task,",
    ", #[allow(unused)] last_task => 2, => last_task",
    ", last_task: [first_task as _, body_task] if true => 2, => last_task",
    ", /// text\n last_task: [] => 2, => last_task",
    ", last_task: [move first_task] => first_task, => last_task",
];

pub(crate) fn tests(count: usize, seed: usize, random: &mut Random) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Found::default();
    for folder in FOLDERS {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(folder).display()
        );
        files(&workspace.join(folder), &mut found);
    }
    assert!(
        found.0.len() > 5_000,
        "only {} expressions were found",
        found.0.len()
    );
    let mut reading = || {
        let (text, is_fallible) = &found.0[random.below(found.0.len())];
        let after = AFTER[random.below(AFTER.len())];
        format!(
            "        Reading {{ text: {text:?}, is_fallible: {is_fallible}, explanation: explain! {{ first_task => 1, body_task => {text}{after} }} }},\n"
        )
    };
    let readings: Vec<_> = (0..count).map(|_| reading()).collect();
    let readings = readings.concat();
    format!(
        "#[test]\nfn real_code_is_read_as_syn_does() {{\n    println!(\"seed {seed}\");\n    let readings = [\n{readings}    ];\n    readings.iter().for_each(Reading::assert);\n}}\n"
    )
}

fn files(folder: &Path, found: &mut Found) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs")
            && let Ok(text) = fs::read_to_string(&path)
            && let Ok(file) = syn::parse_file(&text)
        {
            found.visit_file(&file);
        }
    }
}

/// Expressions, each with whether a `?` leaves it.
#[derive(Default)]
struct Found(Vec<(String, bool)>);

impl<'ast> Visit<'ast> for Found {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        // Others cannot be bodies, or say nothing.
        let is_body = !matches!(
            expression,
            Expr::Async(_)
                | Expr::Closure(_)
                | Expr::Infer(_)
                | Expr::Let(_)
                | Expr::Lit(_)
                | Expr::Path(_)
                | Expr::Verbatim(_)
        );
        let mut exits = Exits::default();
        exits.visit_expr(expression);
        if is_body && !exits.is_unclear {
            let text = expression.to_token_stream().to_string();
            // An `Ok` around the value of a body with a `?` is an error, wherever it ends in one.
            let is_wrapped = exits.has_question && text.contains("Ok (");
            if text.len() <= LONGEST && !text.starts_with('#') && !is_wrapped {
                self.0.push((text, exits.has_question));
            }
        }
        visit::visit_expr(self, expression);
    }
}

#[derive(Default)]
struct Exits {
    has_question: bool,
    /// Whether something leaves it that a body may not have, or that a macro hides.
    is_unclear: bool,
    loops: usize,
}

impl<'ast> Visit<'ast> for Exits {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Async(_) | Expr::Closure(_) | Expr::Const(_) => return,
            Expr::Try(_) => self.has_question = true,
            Expr::Return(_) | Expr::Verbatim(_) | Expr::TryBlock(_) => self.is_unclear = true,
            Expr::Break(_) | Expr::Continue(_) if self.loops == 0 => self.is_unclear = true,
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => {
                self.loops += 1;
                visit::visit_expr(self, expression);
                self.loops -= 1;
                return;
            }
            _ => {}
        }
        visit::visit_expr(self, expression);
    }

    fn visit_item(&mut self, _: &'ast Item) {}

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call.path.segments.last().map(|it| it.ident.to_string());
        let returns = name.is_some_and(|name| name == "bail" || name == "ensure");
        let arguments = call.tokens.to_string();
        self.is_unclear |= returns || arguments.contains('?') || arguments.contains("return");
    }
}

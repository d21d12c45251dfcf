//! No module depends on a module that depends on it.
//!
//! A module depends on those that its `use` declarations and its paths name. Modules for tests do not count, nor does what
//! stands in macros' brackets.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, UseTree};

/// The names from the crate's root on.
type Module = Vec<String>;
type Graph = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn modules_have_no_import_cycles() {
    let cycles = cycles(&read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
    assert!(
        cycles.is_empty(),
        "these modules import each other:\n{}\nhelp: move what both need into a module of its own",
        cycles.join("\n")
    );
}

#[test]
fn cycle_is_found_through_other_modules() {
    let edges = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")];
    let mut graph = Graph::new();
    for (from, to) in edges {
        let to = BTreeSet::from([vec![to.to_owned()]]);
        graph.insert(vec![from.to_owned()], to);
    }
    assert_eq!(cycles(&graph), ["a, b, c"]);
}

#[test]
fn imports_are_found_in_groups_and_bodies() {
    let known = ["", "a", "a::b", "a::c", "d", "e"].map(module);
    let file = syn::parse_str(
        "use super::c::{self, C}; use crate::{d::D, E}; mod tests { #[cfg(test)] mod inner { use crate::e::F; } }
         fn f() { crate::e::g(); }",
    );
    let mut imports = Imports::new(&known, module("a::b"));
    imports.visit_file(&file.unwrap());
    assert_eq!(imports.found, ["", "a::c", "d", "e"].map(module).into());
}

fn module(path: &str) -> Module {
    let names = path.split("::").filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// The modules of a source folder, each with those that it imports.
fn read(source: &Path) -> Graph {
    let files: Vec<_> = files(source)
        .into_iter()
        .map(|path| (name(path.strip_prefix(source).unwrap()), path))
        .filter(|(module, _)| !module.iter().any(|name| name == "tests"))
        .collect();
    let known: Vec<_> = files.iter().map(|(module, _)| module.clone()).collect();
    let read = |(module, path): (Module, PathBuf)| {
        let file = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
        let mut imports = Imports::new(&known, module.clone());
        imports.visit_file(&file);
        imports.found.remove(&module);
        (module, imports.found)
    };
    files.into_iter().map(read).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn name(path: &Path) -> Module {
    let path = path.with_extension("");
    let names = path.iter().map(|name| name.to_str().unwrap().to_owned());
    names.filter(|name| name != "lib").collect()
}

struct Imports<'a> {
    known: &'a [Module],
    /// The module that the code is in, with modules in the file.
    here: Module,
    found: BTreeSet<Module>,
}

impl<'a> Imports<'a> {
    fn new(known: &'a [Module], here: Module) -> Self {
        Imports {
            known,
            here,
            found: BTreeSet::new(),
        }
    }

    fn add(&mut self, path: &[String]) {
        let mut at = self.here.clone();
        let mut names = path;
        match path.first().map(String::as_str) {
            Some("crate") => {
                at.clear();
                names = &path[1..];
            }
            Some("self") => names = &path[1..],
            Some("super") => {
                while let Some((first, rest)) = names.split_first()
                    && first == "super"
                {
                    at.pop();
                    names = rest;
                }
            }
            // A module within this one, or another crate.
            Some(first) if !self.is_known(&at, first) => return,
            Some(_) => {}
            None => return,
        }
        while let Some((first, rest)) = names.split_first()
            && self.is_known(&at, first)
        {
            at.push(first.clone());
            names = rest;
        }
        if self.known.contains(&at) {
            self.found.insert(at);
        }
    }

    fn is_known(&self, parent: &[String], name: &str) -> bool {
        let child: Module = [parent, &[name.to_owned()]].concat();
        self.known.contains(&child)
    }

    fn add_tree(&mut self, path: &mut Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.add_tree(path, &step.tree);
                path.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_tree(path, tree);
                }
            }
            UseTree::Name(name) if name.ident == "self" => self.add(path),
            UseTree::Name(name) => self.add(&[&path[..], &[name.ident.to_string()]].concat()),
            UseTree::Rename(name) => self.add(&[&path[..], &[name.ident.to_string()]].concat()),
            UseTree::Glob(_) => self.add(path),
        }
    }
}

impl Visit<'_> for Imports<'_> {
    fn visit_item_mod(&mut self, item: &ItemMod) {
        if is_for_tests(&item.attrs) || item.content.is_none() {
            return;
        }
        self.here.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.here.pop();
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.add_tree(&mut Vec::new(), &item.tree);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let names = path.segments.iter().map(|name| name.ident.to_string());
        let names: Vec<_> = names.collect();
        if names.len() > 1 {
            self.add(&names);
        }
        visit::visit_path(self, path);
    }

    // `pub(in path)` imports nothing.
    fn visit_visibility(&mut self, _: &syn::Visibility) {}
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|condition| {
                let condition = condition.tokens.to_string();
                let mut words = condition.split(|c: char| !c.is_alphanumeric());
                words.any(|word| word == "test")
            })
    })
}

/// The modules that reach each other, one line for each cycle.
fn cycles(graph: &Graph) -> Vec<String> {
    let reachable: BTreeMap<_, _> = graph
        .keys()
        .map(|from| (from, reach(graph, from)))
        .collect();
    let mut cycles = BTreeSet::new();
    for (from, reached) in &reachable {
        let mutual = |to: &&&Module| reachable.get(**to).is_some_and(|back| back.contains(*from));
        let cycle: Vec<_> = reached.iter().filter(mutual).collect();
        if !cycle.is_empty() {
            let names: Vec<_> = cycle.iter().map(|module| module.join("::")).collect();
            cycles.insert(names.join(", "));
        }
    }
    cycles.into_iter().collect()
}

fn reach<'g>(graph: &'g Graph, from: &Module) -> BTreeSet<&'g Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<_> = graph[from].iter().collect();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(graph.get(module).into_iter().flatten());
        }
    }
    reached
}

//! Reads from a crate's source which file imports from which.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A crate's own files, without their tests: name and code.
pub struct Tree {
    root: String,
    files: BTreeMap<String, String>,
}

/// A path, and the name that its item has in the file.
type Import<'a> = (Vec<&'a str>, &'a str);

/// The files that each file imports from.
pub type Arrows<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

impl Tree {
    /// Reads the crate whose root module this file is, below `folder`.
    pub fn read(folder: &Path, root: &str) -> Self {
        let src = Path::new(root).parent().unwrap();
        let (mut folders, mut files) = (vec![folder.join(src)], Vec::new());
        while let Some(one) = folders.pop() {
            for path in fs::read_dir(one).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                    files.push((name, fs::read_to_string(path).unwrap()));
                }
            }
        }
        Self::new(root, files)
    }

    fn new(root: &str, files: impl IntoIterator<Item = (String, String)>) -> Self {
        let files: BTreeMap<_, _> = files.into_iter().map(|(name, text)| (name, code(&text))).collect();
        let mut tree = Self { root: root.to_owned(), files };
        let tests = |(name, code): (&String, &String)| {
            let names = code.split("#[cfg(test)]\nmod ").skip(1).filter_map(|rest| rest.split_once(';'));
            names.filter_map(|(module, _)| tree.child(name, module).map(str::to_owned)).collect::<Vec<_>>()
        };
        let tests: Vec<_> = tree.files.iter().flat_map(tests).collect();
        tree.files.retain(|name, _| !tests.contains(name));
        tree
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, code)| (name.as_str(), code.as_str()))
    }

    /// Returns the files that each file imports from. Re-exports are followed to the file that has the item.
    pub fn arrows(&self) -> Arrows<'_> {
        let arrows_of = |(name, code)| {
            let paths = self.paths(name, code);
            let to = paths.iter().map(|(path, _)| self.resolve(name, path)).filter(|file| *file != name);
            (name, to.collect())
        };
        self.files().map(arrows_of).collect()
    }

    /// Returns the paths in a file that begin in this crate: at the root, at a parent, or at a child that is
    /// named without `self`.
    fn paths<'a>(&self, file: &str, code: &'a str) -> Vec<Import<'a>> {
        let mut paths = Vec::new();
        for (at, _) in code.match_indices("::") {
            let start = code[..at].trim_end_matches(is_word).len();
            let first = &code[start..at];
            let before = &code[..start];
            // The end of a path, a macro's own crate, and `pub(in …)` import nothing.
            let begins = !["::", "$", "(in "].iter().any(|end| before.ends_with(end));
            if begins && (["crate", "super", "self"].contains(&first) || self.child(file, first).is_some()) {
                use_tree(&code[start..], &[], &mut paths);
            }
        }
        paths
    }

    /// Returns the file that has the item which a path in `file` names.
    fn resolve<'a>(&'a self, file: &'a str, path: &[&str]) -> &'a str {
        let mut place = file;
        for (at, segment) in path.iter().enumerate() {
            let rest = &path[at + 1..];
            match *segment {
                "crate" => place = &self.root,
                "super" => place = self.parent(place),
                "self" => {}
                name => match self.child(place, name) {
                    Some(child) => place = child,
                    None if place == file => return place,
                    None => return self.exported(place, name, rest),
                },
            }
        }
        place
    }

    /// Returns the file that has an item which a module has or exports.
    fn exported<'a>(&'a self, module: &'a str, name: &str, rest: &[&str]) -> &'a str {
        let paths = self.paths(module, &self.files[module]);
        let from = |path: &[&str]| self.resolve(module, &path[..path.len() - 1]);
        match paths.iter().find(|(path, exported)| *exported == name && from(path) != module) {
            Some((path, _)) => self.resolve(module, &[path, rest].concat()),
            None => module,
        }
    }

    fn child(&self, file: &str, module: &str) -> Option<&str> {
        let folder = folder(file);
        let names = [format!("{folder}/{module}.rs"), format!("{folder}/{module}/mod.rs")];
        names
            .iter()
            .filter(|name| *name != file)
            .find_map(|name| Some(self.files.get_key_value(name)?.0.as_str()))
    }

    fn parent(&self, file: &str) -> &str {
        let own = file.strip_suffix("/mod.rs").or(file.strip_suffix(".rs")).unwrap();
        let folder = own.rsplit_once('/').unwrap().0;
        let names = [format!("{folder}/mod.rs"), format!("{folder}.rs")];
        names.iter().find_map(|name| Some(self.files.get_key_value(name)?.0.as_str())).unwrap_or(&self.root)
    }
}

/// Finds a circle among the arrows.
pub fn circle<'a>(arrows: &Arrows<'a>) -> Option<Vec<&'a str>> {
    fn visit<'a>(
        file: &'a str,
        arrows: &Arrows<'a>,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> bool {
        if way.contains(&file) {
            way.push(file);
            return true;
        }
        way.push(file);
        if !done.contains(file) && arrows[file].iter().any(|next| visit(next, arrows, way, done)) {
            return true;
        }
        way.pop();
        done.insert(file);
        false
    }
    let (mut way, mut done) = (Vec::new(), BTreeSet::new());
    arrows.keys().any(|file| visit(file, arrows, &mut way, &mut done)).then(|| {
        let start = way.iter().position(|file| Some(file) == way.last()).unwrap();
        way.split_off(start)
    })
}

/// Returns the text without comments and without the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns the folder of a module's children.
fn folder(file: &str) -> &str {
    let roots = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"];
    roots.iter().find_map(|end| file.strip_suffix(end)).unwrap()
}

/// Reads a path or a tree of paths, `a::{b, c::d as e}`, and returns what follows it.
fn use_tree<'a>(text: &'a str, before: &[&'a str], imports: &mut Vec<Import<'a>>) -> &'a str {
    let (mut path, mut text) = (before.to_vec(), text.trim_start());
    loop {
        if let Some(inner) = text.strip_prefix('{') {
            text = inner.trim_start();
            while !text.starts_with('}') {
                let rest = use_tree(text, &path, imports).trim_start_matches([',', ' ', '\n']);
                assert!(rest.len() < text.len(), "a tree of imports that this cannot read: {text:.60}");
                text = rest;
            }
            return &text[1..];
        }
        let word = first_word(text);
        text = &text[word.len()..];
        path.extend(Some(word).filter(|word| !word.is_empty()));
        match text.strip_prefix("::") {
            Some(rest) if rest.starts_with(|c| is_word(c) || c == '{' || c == '*') => text = rest,
            _ => break,
        }
    }
    let alias = text.strip_prefix(" as ").map(first_word);
    let rest = text.trim_start_matches('*').trim_start_matches(" as ").trim_start_matches(is_word);
    let name = alias.or(path.last().copied()).unwrap_or_default();
    imports.push((path, name));
    rest
}

fn first_word(text: &str) -> &str {
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

/// Each spelling of an import from a higher file closes a circle; what is no import closes none.
#[test]
fn circles_are_found() {
    let found = |low: &str| {
        let files = [
            ("src/lib.rs", "mod high;\nmod low;\npub use crate::high::{Part, Tall};"),
            ("src/high/mod.rs", "mod part;\npub use self::part::{Part, Other as Another};\npub struct Tall;"),
            ("src/high/part.rs", "use crate::{\n    low::{self, Low},\n};\npub struct Part;"),
            ("src/high/tests.rs", "use crate::high::Part;"),
            ("src/low.rs", low),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        circle(&Tree::new("src/lib.rs", files).arrows()).map(|files| files.len() - 1)
    };
    for low in [
        "use std::fmt;\nuse self::Low;\npub struct Low;",
        "// crate::high::Part",
        "pub(in crate::high) struct Low;",
        "#[cfg(test)]\nmod tests {\n    use crate::high::Part;\n}",
    ] {
        assert_eq!(found(low), None, "{low}");
    }
    for low in [
        "use crate::high::Part;",
        "use crate::{high::{part::Part}, low::Low};",
        "use crate::Part as Piece;",
        "use super::high::part;",
        "fn low() {\n    crate::high::Part::new();\n}",
        "use crate::high::Another;",
        "use crate::high::part::*;",
    ] {
        assert_eq!(found(low), Some(2), "{low}");
    }
    // `Tall` is in the file that puts `high` together, which imports `Part`.
    for low in ["use crate::high::Tall;", "use crate::{Tall};", "use crate::high::*;"] {
        assert_eq!(found(low), Some(3), "{low}");
    }
}

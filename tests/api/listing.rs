//! Lists what is public in a crate's source, one line for each thing. Bodies, private fields and
//! documentation are left out; features and attributes that change how a thing may be used are not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Fields, File, ImplItem, Item, ItemImpl, Meta, TraitItem, Type, Visibility, parse_quote,
};

use crate::macros;

/// The files of a crate by their paths, `lib.rs` among them.
pub struct Source(BTreeMap<PathBuf, String>);

impl Source {
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.into(), text)).collect())
    }

    /// Reads all files beside and below this `lib.rs`.
    pub fn read(root: &Path) -> Self {
        let base = root.parent().unwrap();
        let (mut folders, mut files) = (vec![base.to_owned()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name = path.strip_prefix(base).unwrap().to_owned();
                    files.insert(name, fs::read_to_string(path).unwrap());
                }
            }
        }
        Self(files)
    }
}

/// Lists the public interface, sorted.
pub fn list(source: &Source) -> Vec<String> {
    let mut found = Found::default();
    found.file(source, Path::new("lib.rs"), Path::new(""), "");
    let Found { mut lines, impls, types, .. } = found;
    // An implementation is public if its type is, or if it is one of a public trait for all kinds of types.
    for (own, of, line) in impls {
        if types.contains(&own) || (own.is_empty() && types.contains(&of)) {
            lines.insert(line);
        }
    }
    lines.into_iter().collect()
}

#[derive(Default)]
struct Found {
    lines: BTreeSet<String>,
    /// Names of public types and traits. No two types of the crate share a name.
    types: BTreeSet<String>,
    /// The type, the trait if it is one of a trait, and the line.
    impls: Vec<(String, String, String)>,
}

impl Found {
    /// Lists a file whose modules are in `folder`, under the features that it needs.
    fn file(&mut self, source: &Source, path: &Path, folder: &Path, needs: &str) {
        let text = source.0.get(path).unwrap_or_else(|| panic!("there is no {}", path.display()));
        let file: File = syn::parse_file(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.items(source, folder, needs, file.items);
    }

    fn items(&mut self, source: &Source, folder: &Path, needs: &str, items: Vec<Item>) {
        for item in items {
            let attributes = attributes(&item);
            let (marks, features) = (marks(attributes), features(attributes));
            if features.contains("test") {
                continue;
            }
            let needs = format!("{needs}{features}");
            match item {
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    if is_public(&module.vis) {
                        self.line(format!("mod {name}{}", within(folder)), &marks, &needs);
                    }
                    match module.content {
                        Some((_, items)) => self.items(source, &folder.join(&name), &needs, items),
                        None => {
                            let inner = folder.join(&name);
                            let beside = folder.join(format!("{name}.rs"));
                            let path =
                                if source.0.contains_key(&beside) { beside } else { inner.join("mod.rs") };
                            self.file(source, &path, &inner, &needs);
                        }
                    }
                }
                Item::Use(one) if is_public(&one.vis) => {
                    let tree = &one.tree;
                    for path in paths(tree) {
                        self.line(format!("use {path}{}", within(folder)), &marks, &needs);
                    }
                }
                Item::Fn(mut one) if is_public(&one.vis) => {
                    one.attrs.clear();
                    *one.block = parse_quote!({});
                    self.line(written(Item::Fn(one)), &marks, &needs);
                }
                Item::Const(one) if is_public(&one.vis) => self.line(bare(Item::Const(one)), &marks, &needs),
                Item::Static(one) if is_public(&one.vis) => {
                    self.line(bare(Item::Static(one)), &marks, &needs)
                }
                Item::Type(one) if is_public(&one.vis) => self.line(bare(Item::Type(one)), &marks, &needs),
                Item::Struct(mut one) if is_public(&one.vis) => {
                    let name = one.ident.to_string();
                    self.types.insert(name.clone());
                    let private = one.fields.iter().any(|field| !is_public(&field.vis));
                    for (place, field) in
                        one.fields.iter().enumerate().filter(|(_, field)| is_public(&field.vis))
                    {
                        let ident =
                            field.ident.as_ref().map_or_else(|| place.to_string(), ToString::to_string);
                        let line = format!("struct {name}: {ident}: {}", type_text(&field.ty));
                        self.line(line, &self::marks(&field.attrs), &needs);
                    }
                    one.fields = Fields::Unit;
                    let more = if private { " and private fields" } else { "" };
                    self.line(bare(Item::Struct(one)), &format!("{marks}{more}"), &needs);
                }
                Item::Enum(mut one) if is_public(&one.vis) => {
                    let name = one.ident.to_string();
                    self.types.insert(name.clone());
                    for mut variant in std::mem::take(&mut one.variants) {
                        let (marks, features) = (self::marks(&variant.attrs), self::features(&variant.attrs));
                        variant.attrs.clear();
                        variant.fields.iter_mut().for_each(|field| field.attrs.clear());
                        let only: Item = parse_quote!(enum Only { #variant });
                        let line = written(only);
                        let line = line.trim_start_matches("enum Only {").trim_end_matches('}').trim();
                        let line = format!("enum {name}: {}", line.trim_end_matches(','));
                        self.line(line, &marks, &format!("{needs}{features}"));
                    }
                    self.line(bare(Item::Enum(one)), &marks, &needs);
                }
                Item::Trait(mut one) if is_public(&one.vis) => {
                    let name = one.ident.to_string();
                    self.types.insert(name.clone());
                    for item in std::mem::take(&mut one.items) {
                        let TraitItem::Fn(mut method) = item else { panic!("{name} has more than methods") };
                        let provided = if method.default.take().is_some() { " provided" } else { "" };
                        let marks = self::marks(&method.attrs);
                        method.attrs.clear();
                        let only: Item = parse_quote!(trait Only { #method });
                        let line = written(only);
                        let line = line.trim_start_matches("trait Only {").trim_end_matches('}').trim();
                        let line = format!("trait {name}: {}{provided}", line.trim_end_matches(';'));
                        self.line(line, &marks, &needs);
                    }
                    self.line(bare(Item::Trait(one)), &marks, &needs);
                }
                Item::Impl(one) => self.implementation(one, &needs),
                Item::Macro(one) => {
                    for line in macros::lines(&one) {
                        self.line(line, "", &needs);
                    }
                }
                Item::Union(_) | Item::ForeignMod(_) | Item::TraitAlias(_) => panic!("not known here"),
                _ => {}
            }
        }
    }

    fn line(&mut self, line: String, marks: &str, needs: &str) {
        self.lines.insert(finished(&line, marks, needs));
    }

    fn implementation(&mut self, mut one: ItemImpl, needs: &str) {
        let own = name(&one.self_ty);
        one.attrs.clear();
        let items = std::mem::take(&mut one.items);
        let head = written(Item::Impl(one.clone()));
        let Some((of, _)) = &one.trait_ else {
            for item in items {
                let (visible, attrs, line) = match item {
                    ImplItem::Fn(mut method) => {
                        let attrs = std::mem::take(&mut method.attrs);
                        method.block = parse_quote!({});
                        (is_public(&method.vis), attrs, member(parse_quote!(impl Only { #method })))
                    }
                    ImplItem::Const(mut constant) => {
                        let attrs = std::mem::take(&mut constant.attrs);
                        (is_public(&constant.vis), attrs, member(parse_quote!(impl Only { #constant })))
                    }
                    _ => panic!("{head} has more than functions and constants"),
                };
                if visible {
                    let needs = format!("{needs}{}", features(&attrs));
                    let line = finished(&format!("{head}: {line}"), &marks(&attrs), &needs);
                    self.impls.push((own.clone(), String::new(), line));
                }
            }
            return;
        };
        let of = of.segments.last().unwrap().ident.to_string();
        let types = items.into_iter().filter_map(|item| match item {
            ImplItem::Type(one) => Some(format!(", {} = {}", one.ident, type_text(&one.ty))),
            _ => None,
        });
        let line = finished(&format!("{head}{}", types.collect::<String>()), "", needs);
        self.impls.push((own, of, line));
    }
}

/// The last name of a type's path; none for a type that is only a parameter or has no path.
fn name(of: &Type) -> String {
    match of {
        Type::Path(path) => path.path.segments.last().unwrap().ident.to_string(),
        Type::Reference(to) => name(&to.elem),
        _ => String::new(),
    }
}

fn member(of: Item) -> String {
    let line = written(of);
    let line = line.trim_start_matches("impl Only {").trim();
    let line = line.strip_suffix('}').unwrap_or(line).trim().trim_end_matches("{}");
    line.trim_start_matches("pub ").trim_end_matches(';').trim().to_owned()
}

fn finished(line: &str, marks: &str, needs: &str) -> String {
    format!("{line}{marks}{needs}")
}

/// The module that has an item, if it is not the crate itself.
fn within(folder: &Path) -> String {
    let module = folder.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("::");
    if module.is_empty() { module } else { format!(" in {module}") }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// An item without attributes and `pub`, on one line.
fn bare(mut item: Item) -> String {
    match &mut item {
        Item::Const(one) => one.attrs.clear(),
        Item::Static(one) => one.attrs.clear(),
        Item::Type(one) => one.attrs.clear(),
        Item::Struct(one) => one.attrs.clear(),
        Item::Enum(one) => one.attrs.clear(),
        Item::Trait(one) => one.attrs.clear(),
        _ => {}
    }
    written(item)
}

fn written(item: Item) -> String {
    let file = File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
    let text = prettyplease::unparse(&file);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = words.replace("( ", "(").replace(", )", ")").replace(" )", ")").replace(", >", ">");
    let line = line.strip_prefix("pub ").unwrap_or(&line);
    let line = line.strip_suffix(';').or_else(|| line.strip_suffix(" {}")).unwrap_or(line);
    line.to_owned()
}

fn type_text(of: &Type) -> String {
    let line = written(parse_quote!(type Only = #of;));
    line.trim_start_matches("type Only = ").to_owned()
}

/// Each path of a `use`.
fn paths(tree: &syn::UseTree) -> Vec<String> {
    match tree {
        syn::UseTree::Path(path) => {
            paths(&path.tree).into_iter().map(|rest| format!("{}::{rest}", path.ident)).collect()
        }
        syn::UseTree::Group(group) => group.items.iter().flat_map(paths).collect(),
        syn::UseTree::Name(name) => vec![name.ident.to_string()],
        syn::UseTree::Rename(name) => vec![format!("{} as {}", name.ident, name.rename)],
        _ => vec!["*".to_owned()],
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(one) => &one.attrs,
        Item::Enum(one) => &one.attrs,
        Item::Fn(one) => &one.attrs,
        Item::Impl(one) => &one.attrs,
        Item::Macro(one) => &one.attrs,
        Item::Mod(one) => &one.attrs,
        Item::Static(one) => &one.attrs,
        Item::Struct(one) => &one.attrs,
        Item::Trait(one) => &one.attrs,
        Item::Type(one) => &one.attrs,
        Item::Use(one) => &one.attrs,
        _ => &[],
    }
}

fn text(meta: &Meta) -> String {
    let only: Item = parse_quote!(#[#meta] struct Only;);
    written(only).trim_end_matches("struct Only").trim().to_owned()
}

/// The attributes that change how a thing may be used.
fn marks(attributes: &[Attribute]) -> String {
    const KEPT: [&str; 6] = ["derive", "must_use", "non_exhaustive", "deprecated", "repr", "default"];
    let kept = attributes.iter().filter(|one| KEPT.iter().any(|name| one.path().is_ident(name)));
    kept.map(|one| format!(" {}", text(&one.meta))).collect()
}

/// The conditions of `cfg`.
fn features(attributes: &[Attribute]) -> String {
    let conditions = attributes.iter().filter(|one| one.path().is_ident("cfg"));
    let conditions = conditions.map(|one| text(&one.meta));
    conditions.map(|one| one.replacen("#[cfg(", " [", 1).replacen(")]", "]", 1)).collect()
}

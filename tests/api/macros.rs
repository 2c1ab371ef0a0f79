//! What the crate's own macros make, as far as it is public. A macro that is not known here is an error.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ItemMacro;

/// Macros whose definition and whose use are part of the interface.
const INTERFACE: [&str; 5] = ["catalogue", "checks", "coded_error", "forward", "id"];

/// Macros that make nothing public.
const PRIVATE: [&str; 5] = ["forget", "methods", "place", "remedies", "proptest"];

/// Lists a macro's definition on one line, or what a use of it makes.
pub fn lines(of: &ItemMacro) -> Vec<String> {
    let name = of.mac.path.segments.last().unwrap().ident.to_string();
    let tokens = of.mac.tokens.clone();
    if let ("macro_rules", Some(defined)) = (name.as_str(), &of.ident) {
        let defined = defined.to_string();
        return match defined.as_str() {
            known if INTERFACE.contains(&known) => vec![format!("macro {defined}: {}", text(tokens))],
            known => {
                assert!(
                    PRIVATE.contains(&known),
                    "is what {known}! makes public? Add it to one of the lists"
                );
                Vec::new()
            }
        };
    }
    match name.as_str() {
        "coded_error" => {
            let [error, codes] = &trees(tokens)[..] else { panic!("coded_error! has another form") };
            parts(inside(codes), ',').into_iter().map(|code| format!("code of {error}: {code}")).collect()
        }
        "catalogue" => {
            let groups = trees(tokens).into_iter().filter(|tree| is_group(tree, Delimiter::Brace));
            let mistakes = groups.flat_map(|group| parts(inside(&group), ';'));
            let short = |line: String| line.split_inclusive(']').next().unwrap_or_default().to_owned();
            mistakes.map(|mistake| format!("mistake {}", short(mistake))).collect()
        }
        "checks" => {
            let [.., files] = &trees(tokens)[..] else { panic!("checks! has another form") };
            let groups = trees(inside(files)).into_iter().filter(|tree| is_group(tree, Delimiter::Brace));
            let checks = groups.flat_map(|group| parts(inside(&group), ','));
            checks.map(|check| format!("check {check}")).collect()
        }
        "forward" | "id" => vec![format!("{name}! {}", text(tokens))],
        other => {
            assert!(PRIVATE.contains(&other), "is what {other}! makes public? Add it to one of the lists");
            Vec::new()
        }
    }
}

fn trees(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().collect()
}

fn is_group(tree: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == delimiter)
}

fn inside(tree: &TokenTree) -> TokenStream {
    match tree {
        TokenTree::Group(group) => group.stream(),
        other => panic!("{other} is no group"),
    }
}

/// The parts between separators, each as a text.
fn parts(tokens: TokenStream, separator: char) -> Vec<String> {
    let trees = trees(tokens);
    let is_separator = |tree: &TokenTree| matches!(tree, TokenTree::Punct(one) if one.as_char() == separator);
    let parts = trees.split(is_separator).filter(|part| !part.is_empty());
    parts.map(|part| text(part.iter().cloned().collect())).collect()
}

/// The tokens without documentation, with one space between each two.
fn text(tokens: TokenStream) -> String {
    fn without_documentation(tokens: TokenStream) -> TokenStream {
        let trees = trees(tokens);
        let mut kept: Vec<TokenTree> = Vec::new();
        for tree in trees {
            let is_documentation = matches!(&tree, TokenTree::Group(group)
                if group.delimiter() == Delimiter::Bracket && group.stream().to_string().starts_with("doc"));
            if is_documentation {
                kept.pop(); // the `#` before it
            } else if let TokenTree::Group(group) = &tree {
                let inside = without_documentation(group.stream());
                kept.push(TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inside)));
            } else {
                kept.push(tree);
            }
        }
        kept.into_iter().collect()
    }

    let text = without_documentation(tokens).to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" :: ", "::")
}

//! Arrows between rooms run downward only: who may use whom, read off the sources.
//!
//! A room is a folder of modules (or a crate). Paths that begin with `crate::`, `super::` or the name of
//! one of this project's crates are followed to the room that they lead to, wherever they stand in a file.
//! Unit tests do not count: they use rooms above to make their inputs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of a crate from the lowest to the highest; those of one line do not use one another.
struct House {
    sources: &'static str,
    floors: &'static [&'static [&'static str]],
}

const HOUSES: [House; 3] = [
    House {
        sources: "crates/core/src",
        floors: &[
            &["arch"],
            &["litmus", "model"],
            &["program"],
            &["operational", "axiomatic"],
            &["answer"],
            &["session"],
            &["advise"],
        ],
    },
    House {
        sources: "crates/core/src/operational",
        floors: &[&["compile"], &["state"], &["step"], &["reduce"], &["search"]],
    },
    House {
        sources: "src",
        floors: &[
            &["results"],
            &["compare", "run"],
            &["measure"],
            &["report"],
            &["serve"],
            &["cli"],
        ],
    },
];

/// Which crates a crate may use.
const CRATES: [(&str, &[&str]); 6] = [
    ("crates/core/Cargo.toml", &[]),
    ("crates/generate/Cargo.toml", &["rvlitmus-core"]),
    ("crates/harness/Cargo.toml", &["rvlitmus-core"]),
    ("crates/onereg/Cargo.toml", &["rvlitmus-core"]),
    ("crates/port/Cargo.toml", &["rvlitmus-core"]),
    (
        "Cargo.toml",
        &[
            "rvlitmus-core",
            "rvlitmus-generate",
            "rvlitmus-harness",
            "rvlitmus-onereg",
            "rvlitmus-port",
        ],
    ),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !path.ends_with("tests.rs"))
        .collect()
}

/// The modules above and including the one that a file holds: `operational`, `step`, `perform`.
fn module_of(path: &Path, sources: &Path) -> Vec<String> {
    let inside = path.strip_prefix(sources).expect("a source").with_extension("");
    let parts = inside.iter().map(|part| part.to_string_lossy().into_owned());
    let mut parts: Vec<String> = parts.collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// Every path of a text that begins in this crate, from its root: of `use a::{b, c::d}` both.
fn paths(text: &str, module: &[String]) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for line in text.split(';').flat_map(|statement| statement.split(['(', '<', '&', '='])) {
        let words = line.trim().trim_start_matches("pub ").trim_start_matches("use ");
        for start in ["crate::", "super::"] {
            for (at, _) in words.match_indices(start) {
                let before = words[..at].chars().next_back();
                if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                    found.extend(heads(&words[at..], module));
                }
            }
        }
    }
    found
}

/// The first two modules that a path leads through, from the crate's root; several where braces follow.
fn heads(path: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut base: Vec<String>;
    let mut rest = path;
    if let Some(after) = rest.strip_prefix("crate::") {
        (base, rest) = (Vec::new(), after);
    } else {
        base = module.to_vec();
        while let Some(after) = rest.strip_prefix("super::") {
            base.pop();
            rest = after;
        }
    }
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut found = Vec::new();
    if let Some(inner) = rest.strip_prefix('{') {
        let inner = inner.split('}').next().unwrap_or_default();
        found.extend(inner.split(',').map(|part| word(part.trim())));
    } else {
        found.push(word(rest));
    }
    found
        .into_iter()
        .filter(|word| !word.is_empty())
        .map(|word| [base.clone(), vec![word]].concat())
        .collect()
}

#[test]
fn no_arrow_between_rooms_runs_upward() {
    let mut wrong = Vec::new();
    for House { sources: folder, floors } in HOUSES {
        let sources_of_crate = root().join(if folder == "src" { "src" } else { "crates/core/src" });
        let above: Vec<String> = module_of(&root().join(folder).join("mod.rs"), &sources_of_crate);
        let floor = |room: &str| floors.iter().position(|rooms| rooms.contains(&room));
        let mut seen = BTreeSet::new();
        for path in sources(&root().join(folder)) {
            let module = module_of(&path, &sources_of_crate);
            let Some(room) = module.get(above.len()) else { continue };
            let Some(own) = floor(room) else { continue };
            seen.insert(room.clone());
            let text = fs::read_to_string(&path).expect("UTF-8");
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let code: String =
                code.lines().filter(|l| !l.trim().starts_with("//")).collect::<Vec<_>>().join("\n");
            for used in paths(&code, &module) {
                let inside = used.len() > above.len() && used[..above.len()] == above;
                let Some(other) = used.get(above.len()).filter(|other| inside && *other != room)
                else {
                    continue;
                };
                if floor(other).is_some_and(|floor| floor >= own) {
                    wrong.push(format!("{}: uses {}", path.display(), used.join("::")));
                }
            }
        }
        let rooms: BTreeSet<String> =
            floors.iter().copied().flatten().map(|room| (*room).to_owned()).collect();
        assert_eq!(seen, rooms, "the rooms of {folder}");
    }
    assert!(wrong.is_empty(), "arrows that run upward:\n{}", wrong.join("\n"));
}

#[test]
fn crates_use_those_below_only() {
    for (manifest, allowed) in CRATES {
        let text = fs::read_to_string(root().join(manifest)).expect("a manifest");
        let from = text.find("[dependencies]").map_or(text.len() - 1, |from| from + 1);
        let dependencies = &text[from..];
        let dependencies = &dependencies[..dependencies.find("\n[").unwrap_or(dependencies.len())];
        let used: Vec<&str> = dependencies
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| name.starts_with("rvlitmus-"))
            .collect();
        assert_eq!(used, allowed, "{manifest}");
    }
}

#[test]
fn paths_are_followed_to_their_rooms() {
    let module = ["operational", "step", "perform"].map(str::to_owned);
    let text =
        "use super::super::state::Row;\nuse crate::{arch, model::Rule};\nlet x = super::f(y);";
    let found: Vec<String> = paths(text, &module).iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["arch", "model", "operational::state", "operational::step::f"]);
}

//! What filters are asked about.

use std::collections::BTreeSet;
use std::path::Path;

use rvlitmus_core::arch::Assembly;
use rvlitmus_core::litmus::{HartCode, Language, Place, Test, Value, numeric_label, parse};

/// What is known of one test before it is run.
pub(super) struct Facts<'t> {
    /// As reports call it.
    pub(super) path: &'t str,
    /// The name in the header, if there is one.
    pub(super) name: Option<&'t str>,
    /// `None` for a file with mistakes.
    pub(super) test: Option<Test>,
}

impl<'t> Facts<'t> {
    pub(super) fn of(path: &'t str, text: Option<&'t str>) -> Facts<'t> {
        let test = text.and_then(|text| parse(text).ok());
        let mut words = text.and_then(|text| text.lines().next()).unwrap_or("").split_whitespace();
        let name = words.next().filter(|word| is_language(word)).and_then(|_| words.next());
        Facts { path, name, test }
    }

    /// The names by which the test may be called: its own, its file's with and without extension.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let path = Path::new(self.path);
        let file = [path.file_name(), path.file_stem()];
        let own = self.test.as_ref().map(|test| test.name.as_str()).or(self.name);
        own.into_iter().chain(file.into_iter().flatten().filter_map(|name| name.to_str()))
    }

    /// The path, and what is left of it without its first folders.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let after = self.path.match_indices('/').map(|(at, _)| &self.path[at + 1..]);
        std::iter::once(self.path).chain(after)
    }
}

/// Does a test begin with this word?
fn is_language(word: &str) -> bool {
    Language::ALL.iter().any(|language| language.name() == word)
}

/// All instructions of a test.
pub(super) fn instructions(test: &Test) -> impl Iterator<Item = &Assembly> {
    let cells = test.harts.iter().flat_map(|hart| &hart.cells);
    cells.filter_map(|cell| cell.instr.as_ref()).map(|instr| &instr.value)
}

/// The number of memory locations that the test names.
pub(super) fn locations(test: &Test) -> usize {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for entry in &test.init {
        if let Place::Memory { symbol, .. } = &entry.value.place {
            names.insert(symbol);
        }
        if let Some(Value::Address { symbol, .. }) = &entry.value.value {
            names.insert(symbol);
        }
    }
    names.extend(instructions(test).filter_map(|instr| instr.symbol().map(|name| &**name)));
    names.len()
}

/// Does a hart jump back?
pub(super) fn has_loop(test: &Test) -> bool {
    test.harts.iter().any(jumps_back)
}

fn jumps_back(hart: &HartCode) -> bool {
    let mut labels: BTreeSet<&str> = BTreeSet::new();
    hart.cells.iter().any(|cell| {
        labels.extend(cell.labels.iter().map(|label| &*label.value));
        let target = cell.instr.as_ref().and_then(|instr| instr.value.label());
        target.is_some_and(|target| match numeric_label(target) {
            Some((_, below)) => !below,
            None => labels.contains(&**target),
        })
    })
}

//! What the init section says of each place, all of its entries taken together.

use std::cell::OnceCell;
use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::isa::Reg;
use crate::litmus::{CType, HartId, InitEntry, Located, Place, Span, Test, Value};

use super::super::Parser;

/// A place without its own allocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'t> {
    Register(HartId, Reg),
    Memory(&'t str, Option<u64>),
}

impl<'t> From<&'t Place> for Key<'t> {
    fn from(place: &'t Place) -> Self {
        match place {
            Place::Register(hart, reg) => Key::Register(*hart, *reg),
            Place::Memory { symbol, index } => Key::Memory(symbol, *index),
        }
    }
}

/// The entries of one place, each part with where it stands.
#[derive(Clone, Copy)]
struct Entries<'t> {
    ctype: Option<(CType, Span)>,
    array: (Option<u64>, Span),
    value: Option<(&'t Value, Span)>,
}

impl<'t> Entries<'t> {
    fn of(entry: &'t Located<InitEntry>) -> Self {
        let span = entry.span;
        Entries {
            ctype: entry.value.ctype.map(|ctype| (ctype, span)),
            array: (entry.value.array, span),
            value: entry.value.value.as_ref().map(|value| (value, span)),
        }
    }
}

/// All places of the init section.
pub(super) struct Declared<'t> {
    places: FxHashMap<Key<'t>, Entries<'t>>,
    register_names: OnceCell<FxHashSet<&'t str>>,
}

impl<'t> Declared<'t> {
    /// Collects the entries, and notes those that contradict an earlier one.
    pub(super) fn collect(parser: &mut Parser<'_>, test: &'t Test) -> Declared<'t> {
        let mut places: FxHashMap<Key<'t>, Entries<'t>> =
            FxHashMap::with_capacity_and_hasher(test.init.len(), Default::default());
        for entry in &test.init {
            match places.entry(Key::from(&entry.value.place)) {
                Entry::Vacant(vacant) => {
                    vacant.insert(Entries::of(entry));
                }
                Entry::Occupied(mut first) => {
                    let second = Entries::of(entry);
                    if let Some((how, span)) = contradiction(first.get(), &second) {
                        note(parser, entry, how, span);
                    }
                    let first = first.get_mut();
                    first.ctype = first.ctype.or(second.ctype);
                    first.value = first.value.or(second.value);
                }
            }
        }
        Declared { places, register_names: OnceCell::new() }
    }

    /// The declared type of a place; of an element, its array's.
    pub(super) fn ctype(&self, place: &Place) -> Option<CType> {
        let whole = match place {
            Place::Memory { symbol, .. } => Key::Memory(symbol, None),
            register => Key::from(register),
        };
        self.places.get(&whole)?.ctype.map(|(ctype, _)| ctype)
    }

    /// Number of elements of an array.
    pub(super) fn array_length(&self, symbol: &str) -> Option<u64> {
        self.places.get(&Key::Memory(symbol, None))?.array.0
    }

    /// What an array's own list says of one element, and where.
    pub(super) fn element(&self, symbol: &str, index: u64) -> Option<(&'t Value, Span)> {
        let (value, span) = self.places.get(&Key::Memory(symbol, None))?.value?;
        let Value::Array(values) = value else { return None };
        Some((values.get(usize::try_from(index).ok()?)?, span))
    }

    /// Does the init section or the code use `name`, a register's, as the name of a location?
    pub(super) fn uses_register_name(&self, test: &'t Test, name: &str) -> bool {
        self.register_names.get_or_init(|| register_names(test)).contains(name)
    }
}

/// All names of locations that are names of registers too.
fn register_names(test: &Test) -> FxHashSet<&str> {
    let mut names = FxHashSet::default();
    let mut note = |name| {
        if Reg::parse(name).is_some() {
            names.insert(name);
        }
    };
    for entry in &test.init {
        if let Place::Memory { symbol, .. } = &entry.value.place {
            note(symbol);
        }
        let values = match &entry.value.value {
            Some(Value::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        for value in values {
            if let Value::Address { symbol, .. } = value {
                note(symbol);
            }
        }
    }
    for cell in test.harts.iter().flat_map(|hart| &hart.cells) {
        if let Some(name) = cell.instr.as_ref().and_then(|i| i.value.operands.target.as_deref()) {
            note(name);
        }
    }
    names
}

/// How the second entry of a place says something else than the first, and where that stands.
fn contradiction(first: &Entries<'_>, second: &Entries<'_>) -> Option<(&'static str, Span)> {
    if first.array.0 != second.array.0 {
        let how = match (first.array.0, second.array.0) {
            (Some(_), Some(_)) => "with two lengths",
            _ => "as an array and as a single location",
        };
        return Some((how, first.array.1));
    }
    if let (Some((a, span)), Some((b, _))) = (first.ctype, second.ctype)
        && a != b
    {
        return Some(("with two types", span));
    }
    match (first.value, second.value) {
        (Some((a, span)), Some((b, _))) if a != b => Some(("with two values", span)),
        _ => None,
    }
}

/// Notes that an entry contradicts what stands at `first`.
#[cold]
pub(super) fn note(parser: &mut Parser<'_>, second: &Located<InitEntry>, how: &str, first: Span) {
    let place = match &second.value.place {
        Place::Memory { symbol, index: None } => symbol.to_string(),
        place => place.to_string(),
    };
    let (line, _) = parser.line_column(first);
    let help = format!("line {line} says `{}`", parser.text_at(first));
    parser.note_at(second.span, format!("`{place}` is declared {how}"), Some(help));
}

//! What the init section declares of each place, all of its entries taken together.

use std::cell::OnceCell;

use rustc_hash::FxHashSet;

use super::super::parser::Parser;
use crate::litmus::{CType, InitEntry, Place, Span, Spanned, Test, Value};

/// What all entries of one place declare together, each part with where it stands.
#[derive(Clone, Copy)]
struct Declaration<'t> {
    place: Place<&'t str>,
    /// Where the first entry stands.
    span: Span,
    ctype: Option<(CType, Span)>,
    array: Option<u64>,
    value: Option<(&'t Value, Span)>,
}

impl<'t> Declaration<'t> {
    fn of(entry: &'t Spanned<InitEntry>) -> Self {
        let span = entry.span;
        Declaration {
            place: entry.value.place.borrowed(),
            span,
            ctype: entry.value.ctype.map(|ctype| (ctype, span)),
            array: entry.value.array,
            value: entry.value.value.as_ref().map(|value| (value, span)),
        }
    }
}

/// The places that the init section declares.
pub(super) struct Declarations<'t> {
    /// By place; none if [`Declarations::are_plain`].
    places: Vec<Declaration<'t>>,
    register_names: OnceCell<FxHashSet<&'t str>>,
}

impl<'t> Declarations<'t> {
    /// Collects the entries, and notes those that contradict an earlier one.
    pub(super) fn collect(parser: &mut Parser<'_>, test: &'t Test) -> Declarations<'t> {
        let entries = if are_plain(&test.init) { &[][..] } else { &test.init };
        let mut places: Vec<Declaration<'t>> = entries.iter().map(Declaration::of).collect();
        // Declarations of one place stay in the order of the text.
        places.sort_by_key(|declaration| declaration.place);
        places.dedup_by(|second, first| {
            if second.place != first.place {
                return false;
            }
            if let Some((how, span)) = contradiction(first, second) {
                note(parser, second.place, second.span, how, span);
            }
            first.ctype = first.ctype.or(second.ctype);
            first.value = first.value.or(second.value);
            true
        });
        Declarations { places, register_names: OnceCell::new() }
    }

    /// Do the entries give values to registers, each once, and nothing else?
    #[inline]
    pub(super) fn are_plain(&self) -> bool {
        self.places.is_empty()
    }

    /// The declared type of a place; of an element, its array's.
    pub(super) fn ctype(&self, place: &Place) -> Option<CType> {
        let whole = match place.borrowed() {
            Place::Memory { symbol, .. } => Place::Memory { symbol, index: None },
            register => register,
        };
        self.of(whole)?.ctype.map(|(ctype, _)| ctype)
    }

    fn of(&self, place: Place<&str>) -> Option<&Declaration<'t>> {
        let found = self.places.binary_search_by(|declaration| declaration.place.cmp(&place));
        found.ok().map(|index| &self.places[index])
    }

    /// Number of elements of an array.
    pub(super) fn array_length(&self, symbol: &str) -> Option<u64> {
        self.of(Place::Memory { symbol, index: None })?.array
    }

    /// What an array's own list says of one element, and where.
    pub(super) fn element(&self, symbol: &str, index: u64) -> Option<(&'t Value, Span)> {
        let (value, span) = self.of(Place::Memory { symbol, index: None })?.value?;
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
        if test.language.is_register(name) {
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
        if let Some(name) = cell.instr.as_ref().and_then(|i| i.value.target().map(|name| &**name)) {
            note(name);
        }
    }
    names
}

/// Do the entries give values to registers, each once, and nothing else? Those of most tests do, and then
/// there is nothing to look up.
fn are_plain(init: &[Spanned<InitEntry>]) -> bool {
    let mut seen = [0_u32; 8];
    init.iter().all(|entry| match &entry.value {
        InitEntry { ctype: None, place: Place::Register(hart, reg), .. } => {
            let (seen, reg) = (seen.get_mut(hart.index()), 1 << reg.number());
            seen.is_some_and(|seen| std::mem::replace(seen, *seen | reg) & reg == 0)
        }
        _ => false,
    })
}

/// How the second entry of a place says something else than the first, and where that stands.
fn contradiction(
    first: &Declaration<'_>,
    second: &Declaration<'_>,
) -> Option<(&'static str, Span)> {
    if first.array != second.array {
        let how = match (first.array, second.array) {
            (Some(_), Some(_)) => "with two lengths",
            _ => "as an array and as a single location",
        };
        return Some((how, first.span));
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

/// Notes that the entry at `span` contradicts what stands at `first`.
#[cold]
pub(super) fn note(
    parser: &mut Parser<'_>,
    place: Place<&str>,
    span: Span,
    how: &str,
    first: Span,
) {
    let place = match place {
        Place::Memory { symbol, index: None } => symbol.to_string(),
        place => place.to_string(),
    };
    let (line, _) = parser.line_column(first);
    let help = format!("line {line} says `{}`", parser.text_at(first));
    parser.note_at(span, format!("`{place}` is declared {how}"), Some(help));
}

//! A state that the command line names, looked up in the test.

use crate::litmus::{
    Diagnostic, Diagnostics, HartId, Place, Problem, Proposition, Span, Term, Test, Value,
    parse_proposition, suggest,
};
use crate::program::Program;

/// Reads the state and looks up what it names, since what the test does not have would silently be 0.
///
/// # Errors
/// Every mistake, with places in `text`.
pub(super) fn resolve(
    text: &str,
    test: &Test,
    program: &Program,
) -> Result<Proposition, Diagnostics> {
    let proposition = parse_proposition(text, test.language).map_err(at_the_end)?;
    let mut lookup = Lookup { test, program, mistakes: Vec::new() };
    lookup.proposition(&proposition);
    if lookup.mistakes.is_empty() { Ok(proposition) } else { Err(Diagnostics(lookup.mistakes)) }
}

/// Makes mistakes speak of the state, where the parser speaks of a file.
fn at_the_end(mut diagnostics: Diagnostics) -> Diagnostics {
    for diagnostic in &mut diagnostics.0 {
        diagnostic.message = diagnostic.message.replace("the end of the file", "the end");
    }
    diagnostics
}

struct Lookup<'t> {
    test: &'t Test,
    program: &'t Program,
    mistakes: Vec<Diagnostic>,
}

impl Lookup<'_> {
    fn proposition(&mut self, proposition: &Proposition) {
        for term in proposition.terms() {
            self.term(&term.value, term.span);
        }
    }

    fn term(&mut self, term: &Term, span: Span) {
        match term {
            Term::Place(place) => self.place(place, span),
            Term::Value(Value::Address { symbol, .. }) if self.length(symbol).is_none() => {
                let help = self.locations(symbol);
                self.note(span, format!("there is no location `{symbol}`"), help);
            }
            Term::Value(Value::Code { hart, label }) => self.code(*hart, label, span),
            Term::Value(_) => {}
        }
    }

    /// Looks up the address of a label: `P1:LC00`.
    fn code(&mut self, hart: HartId, label: &str, span: Span) {
        let Some(code) = self.test.harts.get(hart.index()) else {
            return self.no_hart(hart, span);
        };
        let labels = || code.cells.iter().flat_map(|cell| &cell.labels).map(|l| &*l.value);
        if labels().any(|defined| defined == label) {
            return;
        }
        let known: Vec<String> = labels().map(|label| format!("`{label}`")).collect();
        let help = match self.test.language.named(label) {
            Some(_) => format!("the register is written `{}:{label}`", hart.0),
            None if known.is_empty() => format!("{hart} has no labels"),
            None => format!("the labels of {hart} are {}", known.join(", ")),
        };
        self.note(span, format!("label `{label}` is not defined in {hart}"), help);
    }

    fn no_hart(&mut self, hart: HartId, span: Span) {
        let help = match self.test.harts.len() {
            1 => "the only hart is P0".to_owned(),
            harts => format!("the harts are P0 to P{}", harts.saturating_sub(1)),
        };
        self.note(span, format!("there is no hart {hart}"), help);
    }

    fn place(&mut self, place: &Place, span: Span) {
        match place {
            Place::Register(hart, _) if hart.index() >= self.test.harts.len() => {
                self.no_hart(*hart, span);
            }
            Place::Register(..) => {}
            Place::Memory { symbol, index } => match (self.length(symbol), index) {
                (None, _) => {
                    let help = if self.test.language.named(symbol).is_some() {
                        format!("a register is written with its hart: `0:{symbol}`")
                    } else {
                        self.locations(symbol)
                    };
                    self.note(span, format!("there is no location `{symbol}`"), help);
                }
                (Some(elements), Some(index)) if *index >= elements.unwrap_or(1) => {
                    let help = match elements {
                        Some(elements) => {
                            format!("`{symbol}` has the elements 0 to {}", elements - 1)
                        }
                        None => format!("`{symbol}` is not declared as an array"),
                    };
                    self.note(span, format!("`{symbol}[{index}]` does not exist"), help);
                }
                (Some(Some(_)), None) => {
                    let help = format!("name an element: `{symbol}[0]`");
                    self.note(span, format!("`{symbol}` is an array"), help);
                }
                _ => {}
            },
        }
    }

    /// Returns `None` if there is no such location, else the number of elements where it is an array.
    fn length(&self, symbol: &str) -> Option<Option<u64>> {
        let found = self.program.locations.iter().find(|l| &*l.name == symbol)?;
        Some(found.array)
    }

    /// Returns a sentence that says which locations there are, the nearest spelling first.
    fn locations(&self, symbol: &str) -> String {
        let names = || self.program.locations.iter().map(|location| &*location.name);
        let near = suggest::nearest(symbol, names().filter(|name| name.len() > 1));
        let all: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        match (near, all.is_empty()) {
            (Some(name), _) => {
                let near = suggest::did_you_mean(name);
                format!("{near} The locations are {}", all.join(", "))
            }
            (None, false) => format!("the locations are {}", all.join(", ")),
            (None, true) => "the test has no locations".to_owned(),
        }
    }

    fn note(&mut self, span: Span, message: String, help: String) {
        let problem = Problem::Syntax;
        self.mistakes.push(Diagnostic { problem, span, message, help: Some(help) });
    }
}

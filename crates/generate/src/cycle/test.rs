//! The test of a cycle, as diy7 lays it out.

use std::collections::BTreeSet;

use rvlitmus_core::litmus::{Diagnostic, Diagnostics};
use rvlitmus_core::model::{BaseModel, Model};

use super::edge::{Dir, Edge, Kind, Relation};
use super::events::{Event, Events, events, extract};
use super::parse::mistake;
use super::{Cycle, harts, name};
use crate::assemble::{Assembled, Results, assemble};
use crate::generated_test::{GeneratedTest, conjunction};
use crate::judge::states_under;
use crate::program::{Access, AmoOp, Bytes, Op, Program, Step, Width, location_name};

/// How loads and stores with annotations are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Annotations {
    /// With the instructions of Zalasr; with AMOs in a test that annotates one with both, as the public
    /// tests have it.
    #[default]
    Auto,
    /// With the instructions of Zalasr.
    Zalasr,
    /// With AMOs: diy7's variant `AsAmo`.
    Amo,
}

/// How the test of a cycle is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Loads and stores with annotations.
    pub annotations: Annotations,
    /// The bytes of an access of which nothing else is said: a word, or a double word and locations of type
    /// `uint64_t`.
    pub width: Width,
}

impl Cycle {
    /// The text of the cycle's test.
    ///
    /// # Errors
    /// Its locations, harts or registers do not come out.
    pub fn test(&self, options: &Options) -> Result<String, Diagnostics> {
        let test = self.build(options).map_err(|mistake| Diagnostics(vec![mistake]))?;
        Ok(test.to_string())
    }

    fn build(&self, options: &Options) -> Result<GeneratedTest, Diagnostic> {
        let Events { events, initial } = events(self, options.width)?;
        let harts = harts::split(self)?;
        let as_amo = match options.annotations {
            Annotations::Auto => self.edges.iter().any(|edge| name::is_both(&edge.value)),
            Annotations::Zalasr => false,
            Annotations::Amo => true,
        };
        let (program, accesses) = self.program(&events, &harts, as_amo);
        if !program.accesses().any(|access| access.op.writes()) {
            let help = "every outcome of loads alone is the initial state".to_owned();
            let what = "this cycle has no store".to_owned();
            return Err(mistake(self.edges[0].span, what, Some(help)));
        }
        let assembled = assemble(&program)
            .map_err(|error| mistake(self.edges[0].span, error.to_string(), None))?;
        let terms = self.condition(&events, &harts, &accesses, &assembled);
        let mut test = GeneratedTest {
            name: self.name(),
            about: self.to_string(),
            metadata: self.metadata(&events, &harts),
            memory: memory(&events, &initial, options.width, &terms),
            condition: format!("exists ({})", conjunction(terms.iter().map(Term::to_string))),
            harts: assembled.harts,
            ..GeneratedTest::default()
        };
        if self.has_one_location() {
            test.condition = not_sequential(&test.to_string());
        }
        Ok(test)
    }

    /// Is everything about one location, so that coherence alone decides?
    pub(super) fn has_one_location(&self) -> bool {
        self.edges.iter().all(|edge| edge.value.same_location())
    }

    fn metadata(&self, events: &[Event], harts: &[Vec<usize>]) -> Vec<(&'static str, String)> {
        let bare = |edge: &Edge| match edge.communicates() {
            true => Edge::plain(edge.relation),
            false => *edge,
        };
        let safe: BTreeSet<_> = self
            .edges
            .iter()
            .map(|edge| bare(&edge.value))
            .map(|edge| ((edge.from, edge.to, edge.relation), edge.to_string()))
            .collect();
        let safe: Vec<String> = safe.into_iter().map(|(_, name)| name).collect();
        vec![
            ("Cycle", self.canonical()),
            ("Relax", String::new()),
            ("Safe", safe.join(" ")),
            ("Generator", crate::GENERATOR.to_owned()),
            ("Prefetch", harts::prefetch(harts, events)),
            ("Com", harts::communications(self, harts, events)),
            ("Orig", self.to_string()),
        ]
    }

    /// The program, and for each operation the number of its access on its hart.
    fn program(
        &self,
        events: &[Event],
        harts: &[Vec<usize>],
        as_amo: bool,
    ) -> (Program, Vec<Option<usize>>) {
        let mut accesses = vec![None; events.len()];
        let mut program = Program::default();
        for hart in harts {
            let (mut steps, mut made) = (Vec::new(), 0);
            let mut dep = None;
            for at in hart {
                let relation = self.edges[*at].value.relation;
                let store = &events[(*at + 1) % events.len()];
                if let Some(access) = access(&events[*at], store, as_amo) {
                    steps.push(Step::Access(Access { dep, ..access }));
                    accesses[*at] = Some(made);
                    made += 1;
                }
                dep = match relation {
                    Relation::Dp(dep, ..) => accesses[*at].map(|source| (dep, source)),
                    _ => None,
                };
                if let Relation::Fence(fence, ..) = relation {
                    steps.push(Step::Fence(fence));
                }
            }
            program.harts.push(steps);
        }
        (program, accesses)
    }

    /// What holds when the cycle has come about.
    fn condition(
        &self,
        events: &[Event],
        harts: &[Vec<usize>],
        accesses: &[Option<usize>],
        assembled: &Assembled,
    ) -> Vec<Term> {
        let one_location = self.has_one_location();
        let written: BTreeSet<usize> =
            events.iter().filter(|e| e.dir == Dir::W).map(|e| e.location).collect();
        let pairs: BTreeSet<usize> =
            events.iter().filter(|e| e.is_pair()).map(|e| e.location).collect();
        let mut finals: Vec<Term> = written
            .iter()
            .filter_map(|location| {
                let writes = || {
                    let own = events.iter().enumerate().filter(|(_, e)| e.location == *location);
                    own.filter(|(_, e)| e.dir == Dir::W)
                };
                let shown = one_location || writes().count() > 1 || pairs.contains(location);
                let last = writes().max_by_key(|(_, e)| e.rank)?.1;
                shown.then(|| Term::location(*location, last))
            })
            .collect();
        finals.sort_by(|a, b| a.place.cmp(&b.place));
        for (number, hart) in harts.iter().enumerate() {
            let results = &assembled.results[number];
            finals.extend(
                results.iter().rev().filter_map(|r| Some(Term::register(number, r.failed?, 0))),
            );
            for at in hart {
                let (Some(access), event) = (accesses[*at], &events[*at]) else { continue };
                let Results { value: Some(register), .. } = results[access] else { continue };
                let before = (*at + events.len() - 1) % events.len();
                let shows = |at: usize| self.edges[at].value.communicates();
                if written.contains(&event.location) && (shows(*at) || shows(before)) {
                    finals.push(Term::register(number, register, event.before));
                }
            }
        }
        finals
    }
}

/// The condition of a test of one location: some state that no interleaving ends with. In one location
/// these are what coherence forbids.
fn not_sequential(text: &str) -> String {
    let states = states_under(text, &[Model::of(BaseModel::Sc)]);
    let sequential = states.into_iter().map(|state| conjunction(state.terms()));
    format!("exists (not ({}))", sequential.collect::<Vec<_>>().join(" \\/ "))
}

/// One equation of a condition.
struct Term {
    place: String,
    value: i64,
}

impl Term {
    fn location(location: usize, last: &Event) -> Term {
        Term {
            place: location_name(location),
            value: extract(last.cell, Bytes { width: last.whole, offset: 0 }),
        }
    }

    fn register(hart: usize, register: u8, value: i64) -> Term {
        Term { place: format!("{hart}:x{register}"), value }
    }
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.place, self.value)
    }
}

/// The access of an operation; the write of an AMO has none of its own.
fn access(event: &Event, next: &Event, as_amo: bool) -> Option<Access> {
    let order = event.order();
    let annotated = as_amo && order != crate::program::Order::Plain;
    let (op, value) = match (event.amo, event.dir, event.atom.map(|atom| atom.kind)) {
        (Some(op), Dir::R, _) => (Op::Amo(op, order.with(next.order())), next.operand),
        (Some(_), Dir::W, _) => return None,
        (_, _, Some(Kind::Pair(load, store))) => match event.dir {
            Dir::R => (Op::PairLoad(load, store), 0),
            Dir::W => (Op::PairStore(load, store), event.value),
        },
        (_, _, Some(Kind::FailedCas(order))) => (Op::FailedCas(order), 0),
        (_, Dir::R, _) if annotated => (Op::AmoLoad(order), 0),
        (_, Dir::W, _) if annotated => (Op::AmoStore(order), event.value),
        (_, Dir::R, _) => (Op::Load(order), 0),
        (_, Dir::W, _) => (Op::Store(order), event.value),
    };
    let expected = match op {
        Op::FailedCas(_) => -1,
        Op::Amo(AmoOp::Cas, _) => event.value,
        _ => 0,
    };
    Some(Access {
        bytes: event.bytes,
        sc_bytes: event.sc_bytes,
        expected,
        ..Access::new(op, event.location, value)
    })
}

/// Declarations of locations and registers that are no words, or do not begin with 0.
fn memory(events: &[Event], initial: &[i64], width: Width, terms: &[Term]) -> Vec<String> {
    let is_wide = |location: usize| {
        let end = |bytes: Bytes| bytes.offset + bytes.width.bytes();
        let own = events.iter().filter(|event| event.location == location);
        own.flat_map(|e| [Some(e.bytes), e.sc_bytes]).flatten().any(|bytes| end(bytes) > 4)
    };
    let mut lines = Vec::new();
    for (location, value) in initial.iter().enumerate() {
        let name = location_name(location);
        let wide = width == Width::Double || is_wide(location);
        match (wide, value) {
            (true, 0) => lines.push(format!("uint64_t {name}")),
            (true, value) => lines.push(format!("uint64_t {name}={value}")),
            (false, 0) => {}
            (false, value) => lines.push(format!("{name}={value}")),
        }
    }
    if width == Width::Double {
        let registers = terms.iter().filter(|term| term.place.contains(':'));
        lines.extend(registers.map(|term| format!("uint64_t {}", term.place)));
    }
    lines
}

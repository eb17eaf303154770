//! Slips of a test's author that the language allows, and that make an answer say less than it seems to.
//!
//! Nothing here depends on what a machine reaches: the text and the program alone are looked at. A hart's
//! registers are taken as a whole, wherever its code goes; what is reached through a pointer that is read from
//! memory is not known, and nothing is said of it.

use rustc_hash::FxHashSet;

use crate::answer::Warning;
use crate::arch::{Action, Architecture, MemoryAccess, Order, Register, Width};
use crate::litmus::{
    CType, HartId, InitEntry, Integer, LineIndex, Place, Proposition, Spanned, Term, Test, Value,
};
use crate::program::{Observed, Program};

/// Returns the slips of a test that has become this program, in the order of the text as far as that is known.
pub(super) fn warnings(test: &Test, lines: &LineIndex, program: &Program) -> Vec<Warning> {
    let (set, pointers, named) = initialized(test);
    let mut search = Search {
        test,
        lines,
        program,
        set,
        pointers,
        named,
        found: Vec::new(),
        known: FxHashSet::default(),
    };
    let harts: Vec<Registers> =
        program.harts.iter().map(|hart| Registers::of(&hart.code)).collect();
    let observed = observed(test, program.harts.len());
    search.initial_registers(&harts, &observed);
    search.accesses(&harts);
    search.observed_registers(&harts);
    search.compared_values();
    search.unknown_locations();
    match (&test.condition, &program.condition) {
        (Some(_), Some(condition)) => {
            if let Some(truth) = condition.decided_by_form() {
                search.add(None, format!("the condition is always {truth}, whatever the state"));
            }
        }
        _ => search.add(
            None,
            "the test has no condition: its states are listed, and nothing is decided".to_owned(),
        ),
    }
    search.found.sort_by_key(|warning| warning.line.unwrap_or(u32::MAX));
    search.found
}

/// The registers that a hart's code reads and writes, by number.
#[derive(Clone, Copy)]
struct Registers {
    read: u32,
    written: u32,
}

impl Registers {
    fn of(code: &[crate::program::Step]) -> Registers {
        let bits = |registers: &mut dyn Iterator<Item = Register>| {
            registers.fold(0, |set, register| set | 1 << register.number())
        };
        code.iter().fold(Registers { read: 0, written: 0 }, |all, step| Registers {
            read: all.read | bits(&mut step.action.sources()),
            written: all.written | bits(&mut step.action.destinations()),
        })
    }
}

/// The registers that the condition, the filter and `locations` name, by hart.
fn observed(test: &Test, harts: usize) -> Vec<u32> {
    let mut observed = vec![0; harts];
    for (place, _) in observed_places(test) {
        if let Place::Register(hart, register) = place
            && let Some(set) = observed.get_mut(hart.index())
        {
            *set |= 1 << register.number();
        }
    }
    observed
}

/// The condition's proposition and the filter.
fn propositions(test: &Test) -> impl Iterator<Item = &Proposition> {
    test.condition.iter().map(|condition| &condition.proposition).chain(&test.filter)
}

/// The places that the condition, the filter and `locations` name, and where each stands.
fn observed_places(test: &Test) -> impl Iterator<Item = (&Place, u32)> {
    let terms = propositions(test).flat_map(Proposition::terms);
    let compared = terms.filter_map(|term| match &term.value {
        Term::Place(place) => Some((place, term.span.start)),
        Term::Value(_) => None,
    });
    compared.chain(test.locations.iter().map(|item| (&item.value.place, item.span.start)))
}

struct Search<'t> {
    test: &'t Test,
    lines: &'t LineIndex,
    program: &'t Program,
    /// Registers that init sets.
    set: FxHashSet<(HartId, Register)>,
    /// Locations that init makes pointers.
    pointers: FxHashSet<&'t str>,
    /// Locations that init or code names.
    named: FxHashSet<&'t str>,
    found: Vec<Warning>,
    /// The messages of those found.
    known: FxHashSet<String>,
}

/// The registers that init sets, the locations that it makes pointers, and those that it or code names.
fn initialized(test: &Test) -> (FxHashSet<(HartId, Register)>, FxHashSet<&str>, FxHashSet<&str>) {
    let (mut set, mut pointers) = (FxHashSet::default(), FxHashSet::default());
    let instrs =
        test.harts.iter().flat_map(|hart| &hart.cells).filter_map(|cell| cell.instr.as_ref());
    let mut named: FxHashSet<&str> =
        instrs.filter_map(|i| i.value.symbol().map(|name| &**name)).collect();
    for InitEntry { place, value, .. } in test.init.iter().map(|entry| &entry.value) {
        if let Place::Memory { symbol, .. } = place {
            named.insert(symbol);
        }
        value.iter().for_each(|value| name_locations(value, &mut named));
        match (place, value) {
            (Place::Register(hart, register), Some(_)) => {
                _ = set.insert((*hart, (*register).into()))
            }
            (Place::Memory { symbol, .. }, Some(Value::Address { .. } | Value::Code { .. })) => {
                _ = pointers.insert(&**symbol)
            }
            _ => {}
        }
    }
    (set, pointers, named)
}

/// Adds the locations whose addresses a value has.
fn name_locations<'t>(value: &'t Value, named: &mut FxHashSet<&'t str>) {
    match value {
        Value::Address { symbol, .. } => _ = named.insert(symbol),
        Value::Array(values) => values.iter().for_each(|value| name_locations(value, named)),
        Value::Integer(_) | Value::Code { .. } => {}
    }
}

/// Warnings of one test that are told: whoever has more reads no further.
const MOST: usize = 100;

/// What is done to a location.
#[derive(Clone, Copy, Default)]
struct Uses {
    read: bool,
    written: bool,
    /// Is it accessed in parts?
    in_parts: bool,
}

impl Search<'_> {
    fn add(&mut self, at: Option<u32>, message: String) {
        let line = at.map(|at| self.lines.line_column(at).0);
        if self.found.len() < MOST && self.known.insert(message.clone()) {
            self.found.push(Warning { line, message });
        }
    }

    /// Registers that init sets and nobody looks at.
    fn initial_registers(&mut self, harts: &[Registers], observed: &[u32]) {
        for Spanned { value: InitEntry { place, value, .. }, span } in &self.test.init {
            let (Place::Register(hart, register), Some(_)) = (place, value) else { continue };
            let (Some(of), Some(observed)) = (harts.get(hart.index()), observed.get(hart.index()))
            else {
                continue;
            };
            if (of.read | observed) >> register.number() & 1 == 0 && register.number() != 0 {
                let message =
                    format!("{place} is set in the init section, but {hart} never reads it");
                self.add(Some(span.start), message);
            }
        }
    }

    /// Registers that are looked at in the end, and always 0.
    fn observed_registers(&mut self, harts: &[Registers]) {
        for (place, at) in observed_places(self.test) {
            let Place::Register(hart, register) = place else { continue };
            let is_set = self.set.contains(&(*hart, (*register).into()));
            let Some(of) = harts.get(hart.index()) else { continue };
            if of.written >> register.number() & 1 != 0 || is_set {
                continue;
            }
            self.add(
                Some(at),
                format!("{place} is never written by {hart} and not set in the init section: it is always 0"),
            );
        }
    }

    /// Numbers that a place cannot hold: they are cut to its type.
    fn compared_values(&mut self) {
        for proposition in propositions(self.test) {
            for comparison in proposition.comparisons() {
                let ((Term::Place(place), Term::Value(Value::Integer(Integer(bits))))
                | (Term::Value(Value::Integer(Integer(bits))), Term::Place(place))) =
                    (proposition.term(comparison.left), proposition.term(comparison.right))
                else {
                    continue;
                };
                // So small a number fits every type.
                if *bits <= i8::MAX as u64 {
                    continue;
                }
                let Some(observed) = self.observed(place) else { continue };
                let ctype = observed.ctype();
                if !ctype.holds(*bits) {
                    let means = ctype.normalize(*bits);
                    let means =
                        if ctype.signed() { (means as i64).to_string() } else { means.to_string() };
                    let message = format!(
                        "{} does not fit in {place}, {} {ctype}: it is compared as {means}",
                        Integer(*bits),
                        if observed.declared.is_some() {
                            "a"
                        } else {
                            "which has no type and so is a"
                        },
                    );
                    self.add(Some(comparison.span.start), message);
                }
            }
        }
    }

    /// What is observed of a place, as the condition, the filter or `locations` name it.
    fn observed(&self, place: &Place) -> Option<&Observed> {
        let observed = &self.program.observed;
        let found = observed.binary_search_by(|observed| observed.place.cmp(place)).ok()?;
        Some(&observed[found])
    }

    /// Locations that are looked at, and that neither init nor code names.
    fn unknown_locations(&mut self) {
        for (place, at) in observed_places(self.test) {
            if let Place::Memory { symbol, .. } = place
                && !self.named.contains(&**symbol)
            {
                let message = format!(
                    "{symbol} stands neither in the init section nor in code: it is always 0"
                );
                self.add(Some(at), message);
            }
        }
    }

    /// Accesses to nowhere, annotations that order nothing, and locations that only one side uses.
    fn accesses(&mut self, harts: &[Registers]) {
        let mut uses = vec![Uses::default(); self.program.locations.len()];
        let mut all_known = true;
        for (number, hart) in self.program.harts.iter().enumerate() {
            let id = HartId(number as u16);
            for (index, step) in hart.code.iter().enumerate() {
                let Some(access) = step.action.access() else { continue };
                let at = hart.instruction(index).map(|instruction| instruction.at);
                if let Some(message) = void_annotation(&step.action, access.order) {
                    self.add(at, format!("`{}`: {message}", hart.text(index)));
                }
                let base = access.base.number();
                if harts[number].written >> base & 1 != 0 {
                    all_known = false;
                    continue;
                }
                let start = hart.registers[base];
                // Where x86 names an address as such, no register is part of it.
                let is_named = access.base.is_zero() && hart.architecture == Architecture::X86;
                if start == 0
                    && !is_named
                    && let Some(register) = self.test.language.register_of(access.base)
                {
                    let message = format!(
                        "`{}` goes to address {}: {id} never sets {register}",
                        hart.text(index),
                        access.offset
                    );
                    self.add(at, message);
                    continue;
                }
                self.note(&step.action, access, start, &mut uses);
            }
        }
        if all_known {
            self.one_sided(&uses);
        }
        self.cut_registers(harts, &uses);
    }

    fn note(&self, action: &Action, access: MemoryAccess, start: u64, uses: &mut [Uses]) {
        let address = start.wrapping_add(access.offset as u64);
        let locations = &self.program.locations;
        let Some(found) = self.program.location_index_at(address, access.width.bytes()) else {
            return;
        };
        let (reads, writes) = match action {
            Action::Load { .. } | Action::LoadReserved { .. } => (true, false),
            Action::Store { .. } | Action::StoreConditional { .. } => (false, true),
            _ => (true, true),
        };
        let uses = &mut uses[found];
        uses.read |= reads;
        uses.written |= writes;
        let offset = address - locations[found].address;
        uses.in_parts |= !offset.is_multiple_of(8) || access.width.bytes() < 8;
    }

    /// A location that is only read beside one of a similar name that is only written.
    fn one_sided(&mut self, uses: &[Uses]) {
        let locations = &self.program.locations;
        let observed: FxHashSet<&str> = observed_places(self.test)
            .filter_map(|(place, _)| match place {
                Place::Memory { symbol, .. } => Some(&**symbol),
                Place::Register(..) => None,
            })
            .collect();
        let only = |reads: bool| {
            let of = move |(_, uses): &(_, &Uses)| uses.read == reads && uses.written != reads;
            locations.iter().zip(uses).filter(of).map(|(location, _)| &*location.name)
        };
        // Of many, all pairs would take too long.
        if only(true).count().saturating_mul(only(false).count()) > MOST * MOST {
            return;
        }
        let pairs: Vec<(String, String)> = only(true)
            .flat_map(|read| only(false).map(move |written| (read, written)))
            .filter(|(read, written)| similar(read, written) && !observed.contains(written))
            .map(|(read, written)| (read.to_owned(), written.to_owned()))
            .collect();
        for (read, written) in pairs {
            let message = format!(
                "{read} is read and never written, {written} is written and never read: is one of them \
                 misspelled?"
            );
            self.add(None, message);
        }
    }

    /// Registers without a type that may hold more than the `int` that they are shown as.
    fn cut_registers(&mut self, harts: &[Registers], uses: &[Uses]) {
        let mut cut: Vec<(HartId, Register)> = Vec::new();
        for (number, hart) in self.program.harts.iter().enumerate() {
            for step in &hart.code {
                let (Action::Load { access, .. } | Action::LoadReserved { access, .. }) =
                    step.action
                else {
                    continue;
                };
                let base = access.base.number();
                if access.width != Width::D || harts[number].written >> base & 1 != 0 {
                    continue;
                }
                let address = hart.registers[base].wrapping_add(access.offset as u64);
                let Some(found) = self.program.location_index_at(address, 8) else { continue };
                if uses[found].in_parts && uses[found].written && self.is_wide_number(found) {
                    cut.extend(step.action.destinations().map(|to| (HartId(number as u16), to)));
                }
            }
        }
        for (hart, register) in cut {
            let Some(register) = self.test.language.register_of(register) else { continue };
            let place = Place::Register(hart, register);
            let found = self.observed(&place).filter(|observed| observed.printed);
            if found.is_some_and(|observed| observed.declared.is_none()) {
                self.add(
                    None,
                    format!(
                        "{place} has no type, so the 64 bits read into it are shown and compared as an \
                         int: declare it as `uint64_t {place};`"
                    ),
                );
            }
        }
    }

    /// Is the location a number of 64 bits, no pointer?
    fn is_wide_number(&self, location: usize) -> bool {
        let location = &self.program.locations[location];
        let wide = matches!(location.ctype, Some(CType::Int64 | CType::Uint64));
        wide && !self.pointers.contains(&*location.name)
    }
}

/// What to say of an annotation that has no role.
fn void_annotation(action: &Action, order: Order) -> Option<&'static str> {
    match (action, order) {
        (Action::LoadReserved { .. }, Order::Rl) => {
            Some("`.rl` alone on a load-reserved orders nothing")
        }
        (Action::StoreConditional { .. }, Order::Aq) => {
            Some("`.aq` alone on a store-conditional orders nothing")
        }
        _ => None,
    }
}

/// Could one name be meant for the other? Names of one or two letters are too short to tell.
fn similar(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.len().min(b.len()) > 2 && strsim::damerau_levenshtein(a, b) == 1
}

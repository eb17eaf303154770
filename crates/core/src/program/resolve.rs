//! What a test observes, and its propositions with names resolved.

use rustc_hash::FxHashMap;

use crate::arch::riscv::Base;
use crate::arch::x86::Syntax;
use crate::arch::{Reg, Width};

use super::index::Index;
use super::names::Names;
use super::{Hart, Location, Observed, ObservedFrom, Predicate, PredicateTerm};
use crate::litmus::{
    CType, Comparison, Connective, HartId, Part, Parts, Place, Proposition, Relation, Spanned,
    Term, Test, Value,
};

/// Everything that the condition, `locations` and the filter name: registers by hart and number,
/// then memory by name; each once. An array is observed element by element.
pub(super) fn observed(names: &Names<'_>, harts: &[Hart]) -> Vec<Observed> {
    let test = names.test;
    let mut all = Observing {
        names,
        types: types(test),
        harts,
        observed: Vec::with_capacity(8),
        by_place: Index::new(),
    };
    for item in &test.locations {
        all.add(&item.value.place, item.value.ctype, true);
    }
    let condition = test.condition.as_ref().map(|condition| (&condition.proposition, true));
    for (proposition, printed) in
        condition.into_iter().chain(test.filter.as_ref().map(|f| (f, false)))
    {
        for term in proposition.terms() {
            if let Term::Place(place) = &term.value {
                all.add(place, None, printed);
            }
        }
    }
    let mut observed = all.observed;
    observed.sort_unstable_by(|a, b| a.place.cmp(&b.place));
    observed
}

struct Observing<'o, 't> {
    names: &'o Names<'t>,
    /// The types that the init section declares of registers.
    types: FxHashMap<(HartId, Reg), CType>,
    harts: &'o [Hart],
    observed: Vec<Observed>,
    by_place: Index<Place>,
}

/// The types that the init section declares of registers.
fn types(test: &Test) -> FxHashMap<(HartId, Reg), CType> {
    let mut types = FxHashMap::default();
    for entry in &test.init {
        if let (Place::Register(hart, reg), Some(ctype)) = (&entry.value.place, entry.value.ctype) {
            types.entry((*hart, *reg)).or_insert(ctype);
        }
    }
    types
}

impl Observing<'_, '_> {
    /// Adds a place, or an array's elements, that are not there yet.
    fn add(&mut self, place: &Place, ctype: Option<CType>, printed: bool) {
        if let Place::Memory { symbol, index: None } = place
            && let Some(elements) = self.names.location(symbol).and_then(|l| l.array)
        {
            for index in 0..elements {
                let element = Place::Memory { symbol: symbol.clone(), index: Some(index) };
                self.add_one(&element, ctype, printed);
            }
        } else {
            self.add_one(place, ctype, printed);
        }
    }

    fn add_one(&mut self, place: &Place, ctype: Option<CType>, printed: bool) {
        let known = self.by_place.position(&self.observed, place, |known| known.place == *place);
        match known {
            Some(known) => self.observed[known].printed |= printed,
            None => {
                let (from, declared) = self.reading(place, ctype);
                self.observed.push(Observed { place: place.clone(), from, declared, printed });
                self.by_place.extend(&self.observed, |known| known.place.clone());
            }
        }
    }

    /// Where the value of a place is found, and how it is read.
    fn reading(&self, place: &Place, ctype: Option<CType>) -> (ObservedFrom, Option<CType>) {
        match place {
            Place::Register(hart, reg) => {
                let declared = self.types.get(&(*hart, *reg)).copied();
                let base = self.harts.get(hart.index()).map(|hart| hart.base).unwrap_or_default();
                let ctype = ctype.or(declared).map(|ctype| register_type(base, ctype));
                let ctype = part_type(*reg, ctype);
                (ObservedFrom::Register(*hart, (*reg).into()), ctype)
            }
            Place::Memory { symbol, index } => {
                let location = self.names.location(symbol);
                let bytes = location.map_or(8, Location::element_bytes);
                let address = location.map_or(0, |l| l.address) + index.unwrap_or(0) * bytes;
                let declared = location.and_then(|l| l.ctype).or(index.map(|_| CType::Int32));
                (ObservedFrom::Memory { address, bytes }, ctype.or(declared))
            }
        }
    }
}

/// The type of a register of that base, which cannot be wider than it is.
fn register_type(base: Base, ctype: CType) -> CType {
    match (base, ctype) {
        (Base::Rv32, CType::Int64) => CType::Int32,
        (Base::Rv32, CType::Uint64) => CType::Uint32,
        _ => ctype,
    }
}

/// The type of a register as its name says: in the syntax of AT&T it is an unsigned number as wide as it is, and
/// nowhere is a part wider than that.
fn part_type(reg: Reg, ctype: Option<CType>) -> Option<CType> {
    let Reg::X86(reg) = reg else { return ctype };
    let widest = match reg.width() {
        Width::B => CType::Uint8,
        Width::H => CType::Uint16,
        Width::W => CType::Uint32,
        Width::D | Width::Q => CType::Uint64,
    };
    match (ctype, reg.syntax()) {
        (Some(ctype), _) if ctype.bytes() <= widest.bytes() => Some(ctype),
        (None, Syntax::Intel) if widest == CType::Uint32 => None,
        _ => Some(widest),
    }
}

/// Resolves the names of `proposition` against `observed`.
pub(super) fn compile(
    proposition: &Proposition,
    observed: &[Observed],
    names: &Names<'_>,
) -> Predicate {
    let resolve = |term: &Term| match term {
        Term::Place(place) => match observed.binary_search_by(|known| known.place.cmp(place)) {
            Ok(index) => PredicateTerm::Observed(index),
            // An array compared without braces: its address, as in C.
            Err(_) => PredicateTerm::Constant(address_of(place, names)),
        },
        Term::Value(value) => PredicateTerm::Constant(names.constant(value)),
    };
    let terms = proposition.terms().iter().map(|term| resolve(&term.value)).collect();
    let is_array = |term: &Spanned<Term>| matches!(term.value, Term::Value(Value::Array(_)));
    let has_arrays = proposition.terms().iter().any(is_array);
    let done = Predicate::empty();
    let mut compiler = Compiler { proposition, terms, has_arrays, observed, names, done };
    compiler.part(proposition.whole());
    compiler.done
}

struct Compiler<'c, 't> {
    proposition: &'c Proposition,
    /// Its terms, constants not yet extended.
    terms: Vec<PredicateTerm>,
    /// Is one of them a list of values?
    has_arrays: bool,
    observed: &'c [Observed],
    names: &'c Names<'t>,
    done: Predicate,
}

impl Compiler<'_, '_> {
    fn part(&mut self, part: Part<'_>) {
        match part {
            Part::Constant(truth) => self.done.constant(truth),
            Part::Comparison(comparison) => self.compare(comparison),
            Part::Join(connective, parts) => self.join(connective, parts),
        }
    }

    fn join(&mut self, connective: Connective, parts: Parts<'_>) {
        let mut before = self.done.end();
        for (index, part) in parts.enumerate() {
            if index > 0 {
                // Another is to be looked at if this one does not decide.
                self.done.then(before, connective == Connective::And);
            }
            before = self.done.end();
            // Most parts are comparisons.
            match part {
                Part::Comparison(comparison) => self.compare(comparison),
                _ => self.part(part),
            }
            // `p => q` is `not p \\/ q`.
            if connective == Connective::Not || (connective == Connective::Implies && index == 0) {
                self.done.negate(before);
            }
        }
    }

    #[inline]
    fn compare(&mut self, comparison: &Comparison) {
        let Comparison { left, relation, right, .. } = *comparison;
        let (one, other) = match (self.terms[left.index()], self.terms[right.index()]) {
            (left @ PredicateTerm::Observed(place), PredicateTerm::Constant(bits)) => {
                (left, self.extended(bits, place))
            }
            (PredicateTerm::Constant(bits), right @ PredicateTerm::Observed(place)) => {
                (self.extended(bits, place), right)
            }
            sides => sides,
        };
        if self.has_arrays
            && let (Term::Place(place), Term::Value(Value::Array(values)))
            | (Term::Value(Value::Array(values)), Term::Place(place)) =
                (self.proposition.term(left), self.proposition.term(right))
        {
            return self.compare_array(place, relation, values);
        }
        self.done.compare(one, relation, other);
    }

    /// A constant as the type of the place says that it is compared with.
    #[inline]
    fn extended(&self, bits: u64, place: usize) -> PredicateTerm {
        PredicateTerm::Constant(self.observed[place].ctype().normalize(bits))
    }

    /// `x={1,2}`: every element equal; `x<>{1,2}`: not all equal.
    fn compare_array(&mut self, place: &Place, relation: Relation, values: &[Value]) {
        let Place::Memory { symbol, index: None } = place else { return self.done.constant(false) };
        let is_element = |o: &Observed| matches!(&o.place, Place::Memory { symbol: s, index: Some(_) } if s == symbol);
        let first = Place::Memory { symbol: symbol.clone(), index: Some(0) };
        let first = self.observed.partition_point(|observed| observed.place < first);
        let elements = (first..).zip(&self.observed[first..]).take_while(|(_, o)| is_element(o));
        let start = self.done.end();
        self.done.constant(elements.clone().count() == values.len());
        for ((index, observed), value) in elements.zip(values) {
            self.done.then(start, true);
            let constant = observed.ctype().normalize(self.names.constant(value));
            let (left, right) = (PredicateTerm::Observed(index), PredicateTerm::Constant(constant));
            self.done.compare(left, Relation::Equal, right);
        }
        if relation == Relation::NotEqual {
            self.done.negate(start);
        }
    }
}

fn address_of(place: &Place, names: &Names<'_>) -> u64 {
    match place {
        Place::Memory { symbol, .. } => names.location(symbol).map_or(0, |l| l.address),
        Place::Register(..) => 0,
    }
}

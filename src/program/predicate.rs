//! What a test observes, and its propositions with names resolved.

use crate::isa::Base;

use super::link::{Linker, element_bytes};
use super::{Location, Observed, ObservedFrom, Predicate, PredicateTerm, Rendering};
use crate::litmus::{CType, Place, Proposition, Term, Test, Value};

/// Everything that the condition, `locations` and the filter name: registers by hart and number,
/// then memory by name; each once. An array is observed element by element.
pub(super) fn observed(test: &Test, locations: &[Location], bases: &[Base]) -> Vec<Observed> {
    let mut named: Vec<(&Place, Option<CType>, bool)> = Vec::with_capacity(8);
    for item in &test.locations {
        named.push((&item.value.place, item.value.ctype, true));
    }
    if let Some(condition) = &test.condition {
        places(&condition.proposition, &mut |place| named.push((place, None, true)));
    }
    if let Some(filter) = &test.filter {
        places(filter, &mut |place| named.push((place, None, false)));
    }
    let mut observed: Vec<Observed> = Vec::with_capacity(named.len());
    for (place, ctype, printed) in named {
        for element in elements(place, locations) {
            match observed.iter_mut().find(|o| o.place == element) {
                Some(known) => known.printed |= printed,
                None => observed.push(observe(element, ctype, printed, test, locations, bases)),
            }
        }
    }
    observed.sort_by(|a, b| a.place.cmp(&b.place));
    observed
}

/// An array's elements; any other place is itself.
fn elements(place: &Place, locations: &[Location]) -> Vec<Place> {
    if let Place::Memory { symbol, index: None } = place
        && let Some(elements) = locations.iter().find(|l| l.name == *symbol).and_then(|l| l.array)
    {
        let element = |i| Place::Memory { symbol: symbol.clone(), index: Some(i) };
        return (0..elements).map(element).collect();
    }
    vec![place.clone()]
}

fn observe(
    place: Place,
    ctype: Option<CType>,
    printed: bool,
    test: &Test,
    locations: &[Location],
    bases: &[Base],
) -> Observed {
    let (from, rendering) = match &place {
        Place::Register(hart, reg) => {
            let declared =
                test.init.iter().filter(|e| e.value.place == place).find_map(|e| e.value.ctype);
            let base = bases.get(hart.index()).copied().unwrap_or_default();
            let rendering = Rendering::of_register(base, ctype.or(declared));
            (ObservedFrom::Register(*hart, *reg), rendering)
        }
        Place::Memory { symbol, index } => {
            let location = locations.iter().find(|l| l.name == *symbol);
            let bytes = location.map_or(8, element_bytes);
            let address = location.map_or(0, |l| l.address) + index.unwrap_or(0) * bytes;
            let declared = location.and_then(|l| l.ctype).or(index.map(|_| CType::Int32));
            let rendering = match ctype.or(declared) {
                Some(ctype) => Rendering::Typed(ctype),
                None => Rendering::Undeclared,
            };
            (ObservedFrom::Memory { address, bytes }, rendering)
        }
    };
    Observed { place, from, rendering, printed }
}

fn places<'p>(proposition: &'p Proposition, each: &mut impl FnMut(&'p Place)) {
    match proposition {
        Proposition::True | Proposition::False => {}
        Proposition::Compare(compare) => {
            let (left, _, right) = &compare.value;
            for term in [left, right] {
                if let Term::Place(place) = term {
                    each(place);
                }
            }
        }
        Proposition::Not(p) => places(p, each),
        Proposition::And(ps) | Proposition::Or(ps) => ps.iter().for_each(|p| places(p, each)),
        Proposition::Implies(p, q) => {
            places(p, each);
            places(q, each);
        }
    }
}

/// Resolves the names of `proposition` against `observed`.
pub(super) fn compile(
    proposition: &Proposition,
    observed: &[Observed],
    linker: &Linker<'_>,
) -> Predicate {
    let each = |ps: &[Proposition]| ps.iter().map(|p| compile(p, observed, linker)).collect();
    match proposition {
        Proposition::True => Predicate::Constant(true),
        Proposition::False => Predicate::Constant(false),
        Proposition::Compare(compare) => {
            let (left, comparison, right) = &compare.value;
            if let (Term::Place(place), Term::Value(Value::Array(values)))
            | (Term::Value(Value::Array(values)), Term::Place(place)) = (left, right)
            {
                return compare_array(place, *comparison, values, observed, linker);
            }
            let index = |term: &Term| match term {
                Term::Place(place) => observed.iter().position(|o| o.place == *place),
                Term::Value(_) => None,
            };
            let (left_index, right_index) = (index(left), index(right));
            let resolve = |term: &Term, own: Option<usize>, other: Option<usize>| match (own, term)
            {
                (Some(index), _) => PredicateTerm::Observed(index),
                (None, Term::Value(value)) => {
                    let bits = linker.constant(value);
                    PredicateTerm::Constant(
                        other.map_or(bits, |o| observed[o].rendering.normalize(bits)),
                    )
                }
                // An array compared without braces: its address, as in C.
                (None, Term::Place(place)) => PredicateTerm::Constant(address_of(place, linker)),
            };
            Predicate::Compare(
                resolve(left, left_index, right_index),
                *comparison,
                resolve(right, right_index, left_index),
            )
        }
        Proposition::Not(p) => Predicate::Not(Box::new(compile(p, observed, linker))),
        Proposition::And(ps) => Predicate::And(each(ps)),
        Proposition::Or(ps) => Predicate::Or(each(ps)),
        Proposition::Implies(p, q) => Predicate::Implies(
            Box::new(compile(p, observed, linker)),
            Box::new(compile(q, observed, linker)),
        ),
    }
}

fn address_of(place: &Place, linker: &Linker<'_>) -> u64 {
    match place {
        Place::Memory { symbol, .. } => linker.location(symbol).map_or(0, |l| l.address),
        Place::Register(..) => 0,
    }
}

/// `x={1,2}`: every element equal; `x<>{1,2}`: not all equal.
fn compare_array(
    place: &Place,
    comparison: crate::litmus::Comparison,
    values: &[Value],
    observed: &[Observed],
    linker: &Linker<'_>,
) -> Predicate {
    use crate::litmus::Comparison::{Equal, NotEqual};
    let Place::Memory { symbol, index: None } = place else { return Predicate::Constant(false) };
    let elements: Vec<usize> = (0..observed.len())
        .filter(|&i| matches!(&observed[i].place, Place::Memory { symbol: s, index: Some(_) } if s == symbol))
        .collect();
    let same_length = elements.len() == values.len();
    let equal = elements.iter().zip(values).map(|(&index, value)| {
        let constant = observed[index].rendering.normalize(linker.constant(value));
        Predicate::Compare(PredicateTerm::Observed(index), Equal, PredicateTerm::Constant(constant))
    });
    let all = Predicate::And(equal.chain([Predicate::Constant(same_length)]).collect());
    match comparison {
        Equal => all,
        NotEqual => Predicate::Not(Box::new(all)),
    }
}

//! From the outcomes of each model to the answer of a test.

use crate::litmus::{CType, Quantifier, Test};
use crate::program::{Completeness, Observed, Outcomes, Program, Rendering};

use super::condition;
use super::naming::Naming;
use super::tables::Tables;
use super::{
    Answer, Column, ConditionText, CutLoop, Failure, Forbidden, Holds, Mistake, ModelReport,
    Observation, PlaceNames, Stats, Status, Symbols,
};

/// What an engine found on one machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelOutcomes {
    /// What it was run on.
    pub model: Column,
    /// Its outcomes.
    pub outcomes: Outcomes,
    /// Wall time, where it was measured.
    pub microseconds: Option<u64>,
}

/// Puts the outcomes of all models beside one another.
///
/// # Errors
/// A limit was reached under one of the models: its states are not all there.
pub fn side_by_side(
    test: &Test,
    program: &Program,
    found: &[ModelOutcomes],
) -> Result<Answer, Failure> {
    let cut = cut_loops(program, found)?;
    let status = if cut.is_empty() { Status::Complete } else { Status::Bounded };
    let naming = Naming::new(test, program);
    let observed = program.observed.iter().enumerate();
    let printed = observed.filter(|(_, observed)| observed.printed);
    let quantifier = test.condition.as_ref().map_or(Quantifier::Forall, |c| c.quantifier);
    let Tables { tables, symbols } = Tables::new(program, printed.clone(), &naming, found);
    let reports = found.iter().zip(tables).map(|(found, states)| ModelReport {
        model: found.model,
        observation: Observation::of(&states, status),
        holds: Holds::judge(quantifier, &states, status),
        states,
        stats: Stats { work: found.outcomes.work, microseconds: found.microseconds },
    });
    let models: Vec<ModelReport> = reports.collect();
    Ok(Answer {
        condition: test.condition.as_ref().map(ConditionText::from),
        places: PlaceNames::written(printed.clone(), |(_, observed), text| {
            condition::place(&observed.place, text);
        }),
        types: types(printed.map(|(_, observed)| observed)),
        forbidden_by_ztso: forbidden_by_ztso(&models, &symbols),
        symbols,
        models,
        vm: None,
        cut,
    })
}

/// By place, or none at all.
fn types<'o>(printed: impl Iterator<Item = &'o Observed> + Clone) -> Vec<Option<CType>> {
    let declared = printed.map(declared);
    if declared.clone().any(|ctype| ctype.is_some()) { declared.collect() } else { Vec::new() }
}

fn declared(observed: &Observed) -> Option<CType> {
    match observed.rendering {
        Rendering::Typed(ctype) => Some(ctype),
        Rendering::Register | Rendering::Undeclared => None,
    }
}

/// States of RVWMO that are not states of Ztso.
fn forbidden_by_ztso(models: &[ModelReport], symbols: &Symbols) -> Option<Vec<Forbidden>> {
    let of = |model| models.iter().find(|report| report.model == model).map(|r| &r.states);
    let (rvwmo, ztso) = (of(Column::Rvwmo)?, of(Column::Ztso)?);
    let rows = rvwmo.without(ztso, symbols);
    Some(rows.map(|row| Forbidden { row, argument: None, because: Vec::new() }).collect())
}

/// The loops that were cut under any of the models, sorted.
fn cut_loops(program: &Program, found: &[ModelOutcomes]) -> Result<Vec<CutLoop>, Failure> {
    let mut cut = Vec::new();
    for ModelOutcomes { model, outcomes, .. } in found {
        let (status, what) = match &outcomes.completeness {
            Completeness::Complete => continue,
            Completeness::Bounded(loops) => {
                let places = loops.iter().map(|(hart, step)| CutLoop::at(program, *hart, *step));
                cut.extend(places);
                continue;
            }
            Completeness::Timeout => (Status::Timeout, "time"),
            Completeness::MemoryLimit => (Status::MemoryLimit, "memory"),
        };
        let message = format!("the test's {what} limit ran out while exploring it under {model}");
        return Err(Failure::new(status, Mistake::of_file(message)));
    }
    cut.sort_unstable();
    cut.dedup();
    Ok(cut)
}

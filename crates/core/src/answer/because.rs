//! Puts reasons beside the states that Ztso forbids.

use crate::litmus::Test;
use crate::program::{FinalState, Outcomes, Program};

use super::naming::Naming;
use super::{Answer, Column, Reason, Value};

/// Why a state is forbidden: the whole argument in a line, and step by step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Argument {
    /// `ztso-store-release P0 sw->sw; rf; r9 P1 lw->lw; fr`
    pub line: String,
    /// The same with places.
    pub steps: Vec<Reason>,
}

/// Asks `argue` about every state of `rvwmo` that `ztso` lacks, and keeps what it says in `answer`.
///
/// States that differ only in what the filter looks at are one row: the first argument stands.
pub fn give_reasons(
    answer: &mut Answer,
    test: &Test,
    program: &Program,
    rvwmo: &Outcomes,
    ztso: &Outcomes,
    mut argue: impl FnMut(&FinalState) -> Option<Argument>,
) {
    let naming = Naming::new(test, program);
    let printed: Vec<_> =
        program.observed.iter().enumerate().filter(|(_, observed)| observed.printed).collect();
    for state in rvwmo.states.iter().filter(|state| !ztso.states.contains(state)) {
        let values: Vec<Value> = naming.values(&state, &printed, &mut answer.symbols).collect();
        let Some(report) = answer.models.iter().find(|m| m.model == Column::Rvwmo) else { return };
        let Some(row) = report.states.find_values(values, &answer.symbols) else { continue };
        let forbidden = answer.forbidden_by_ztso.as_deref_mut().unwrap_or_default();
        let Ok(at) = forbidden.binary_search_by_key(&row, |forbidden| forbidden.row) else {
            continue;
        };
        let forbidden = &mut forbidden[at];
        if !forbidden.because.is_empty() {
            continue;
        }
        if let Some(Argument { line, steps }) = argue(&state) {
            forbidden.argument = Some(line);
            forbidden.because = steps;
        }
    }
}

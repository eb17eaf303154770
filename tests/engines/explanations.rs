//! Every forbidden condition of the public corpus has an explanation, every allowed one a witness, and
//! the checker accepts all of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::corpus::{litmus_files, load, program, shared};
use rayon::prelude::*;
use rvlitmus_core::axiomatic::check;
use rvlitmus_core::axiomatic::explain::{Comparison, Describer, Explainer, Explanation, Machine};
use rvlitmus_core::axiomatic::outcomes;
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::program::Limits;
use rvlitmus_core::program::{FinalState, Program};
use rvlitmus_core::session::{ExplainedState, Phase, Session, Watch};

/// A machine beside the same harts under RVWMO.
fn beside<'p>(
    program: &'p Program,
    [weaker, models]: [&'p [BaseModel]; 2],
    options: &'p Options,
) -> Comparison<'p> {
    let machine = |models| Machine { program, models, options };
    Comparison { weaker: machine(weaker), stronger: machine(models) }
}

/// Explains the states of the condition, and those that `weaker` harts reach and these do not; gives
/// how often each verdict was given.
fn explain_all(
    program: &Program,
    model: BaseModel,
) -> Result<BTreeMap<&'static str, usize>, String> {
    let models = vec![model; program.harts.len()];
    let options = Options::default();
    let never = || false;
    let found =
        outcomes(program, &models, &options, Limits::default()).map_err(|e| e.to_string())?;
    let rvwmo = vec![BaseModel::Rvwmo; program.harts.len()];
    let machines = beside(program, [&rvwmo, &models], &options);
    let explainer = Explainer::new(machines, &never).map_err(|e| e.to_string())?;
    let describer = Describer::new(machines);
    let in_condition =
        |state: &FinalState| program.condition.as_ref().is_none_or(|c| c.holds(state));
    let possible =
        explainer.states(&in_condition, usize::MAX, &never).map_err(|e| e.to_string())?;
    if !possible.exhaustive {
        return Err("too many states".to_string());
    }
    let mut states = possible.states;
    if model == BaseModel::Ztso {
        let weaker =
            outcomes(program, &rvwmo, &options, Limits::default()).map_err(|e| e.to_string())?;
        states.extend(weaker.states.iter().filter(|s| !found.states.contains(s)));
        states.sort();
        states.dedup();
    }
    let mut counts = BTreeMap::new();
    for state in &states {
        let explanation = explainer.explain(state, &never).map_err(|e| e.to_string())?;
        let reached = found.states.contains(state);
        let kind = match explanation {
            Explanation::Allowed(witness) => {
                check::witness(program, &options, &witness).map_err(|e| e.to_string())?;
                "allowed"
            }
            Explanation::Forbidden { reasons, exhaustive } => {
                if reasons.is_empty() || !exhaustive {
                    return Err(format!("{} reasons, all: {exhaustive}", reasons.len()));
                }
                for reason in &reasons {
                    check::refutation(program, &options, &reason.example)
                        .map_err(|e| e.to_string())?;
                    if describer.steps(&reason.example).is_empty() {
                        return Err("a reason without words".to_string());
                    }
                }
                "forbidden"
            }
            Explanation::NoExecution(_) => "no execution",
            Explanation::Unwitnessed | Explanation::GaveUp => return Err("gave up".to_string()),
        };
        if reached != (kind == "allowed") {
            return Err(format!("{state:?} is {kind}, but reached: {reached}"));
        }
        *counts.entry(kind).or_default() += 1;
    }
    Ok(counts)
}

/// The conditions in ATOMICS/CO are negations that hundreds of states satisfy.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    AtomicsCo,
    Others,
}

fn corpus(part: Part, model: BaseModel, [allowed, forbidden, no_execution]: [usize; 3]) {
    let Some(shared) = shared() else { return };
    let belongs = |path: &PathBuf| {
        path.to_string_lossy().contains("ATOMICS/CO/") == (part == Part::AtomicsCo)
    };
    let files = litmus_files(&shared.join("corpus/riscv"));
    let files: Vec<_> = files.into_iter().filter(belongs).collect();
    let results: Vec<_> = files
        .par_iter()
        .filter_map(|path| Some((path, explain_all(&load(path).ok()?, model))))
        .collect();
    let expected = if part == Part::AtomicsCo { 441 } else { 6033 };
    assert_eq!(results.len(), expected);
    let mut total: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, counts) in results {
        for (kind, count) in counts.unwrap_or_else(|e| panic!("{}: {e}", path.display())) {
            *total.entry(kind).or_default() += count;
        }
    }
    let given = ["allowed", "forbidden", "no execution"].map(|kind| total.get(kind).copied());
    assert_eq!(given.map(Option::unwrap_or_default), [allowed, forbidden, no_execution]);
}

#[test]
fn rvwmo_conditions() {
    corpus(Part::Others, BaseModel::Rvwmo, [2413, 4773, 78]);
}

#[test]
fn ztso_conditions_and_what_ztso_forbids() {
    corpus(Part::Others, BaseModel::Ztso, [1160, 8389, 78]);
}

#[test]
fn rvwmo_conditions_of_atomics() {
    corpus(Part::AtomicsCo, BaseModel::Rvwmo, [0, 277_923, 945_205]);
}

#[test]
fn ztso_conditions_of_atomics() {
    corpus(Part::AtomicsCo, BaseModel::Ztso, [0, 277_923, 945_205]);
}

/// Says that the time ran out once it was asked so often while states are explained.
struct Impatient {
    patience: AtomicUsize,
    explaining: AtomicBool,
}

impl Watch for Impatient {
    fn begin(&self, phase: Phase) {
        self.explaining.store(phase == Phase::Explain, Ordering::Relaxed);
    }

    fn expired(&self) -> bool {
        let left = self.patience.load(Ordering::Relaxed);
        if self.explaining.load(Ordering::Relaxed) && left > 0 {
            self.patience.store(left - 1, Ordering::Relaxed);
        }
        left == 0
    }
}

#[test]
fn states_that_were_explained_before_the_time_ran_out_are_kept() {
    let text = "RISCV three\n{ 0:x6=x; 1:x6=x; }\n P0 | P1 ;\n li x5,1 | li x5,2 ;\n \
        sw x5,0(x6) | sw x5,0(x6) ;\n lw x7,0(x6) | lw x7,0(x6) ;\nexists (not (0:x7=7))\n";
    let session = Session::default();
    let test = session.read(text).expect("a test");
    let machines = session.machines(&test).expect("two");
    let explained = |patience| {
        let (patience, explaining) = (AtomicUsize::new(patience), AtomicBool::new(false));
        let watch = Impatient { patience, explaining };
        session.explain(&test, &machines, None, 8, &watch).expect("it can be explained")
    };
    let all = explained(usize::MAX);
    assert!(!all.ended && all.states.len() >= 2);
    let mut kept = Vec::new();
    for patience in (1..4_000).step_by(7) {
        let some = explained(patience);
        let gave_up = |state: &&ExplainedState| {
            state.explanations.iter().any(|e| matches!(e.explanation, Explanation::GaveUp))
        };
        let whole = some.states.iter().filter(|state| !gave_up(state)).count();
        assert!(some.ended || some.states.len() == all.states.len());
        assert!(some.states.iter().zip(&all.states).all(|(a, b)| a.values == b.values));
        kept.push(whole);
    }
    assert!(kept.is_sorted(), "with more time there is more: {kept:?}");
    assert!(kept.contains(&0) && kept.contains(&1) && kept.last() == Some(&all.states.len()));
}

const MP: &str = "RISCV MP
{ 0:x6=x; 0:x8=y; 1:x6=x; 1:x8=y; }
 P0          | P1          ;
 li x5,1     | lw x5,0(x8) ;
 sw x5,0(x6) | lw x7,0(x6) ;
 sw x5,0(x8) |             ;
exists (1:x5=1 /\\ 1:x7=0)
";

#[test]
fn message_passing_is_forbidden_by_both_annotations_of_ztso() {
    let program = program(MP).expect("a good test");
    let models = [BaseModel::Ztso; 2];
    let options = Options::default();
    let machines = beside(&program, [&[BaseModel::Rvwmo; 2], &models], &options);
    let explainer = Explainer::new(machines, &|| false).expect("small");
    let state: FinalState = [1, 0].into();
    let explanation = explainer.explain(&state, &|| false).expect("small");
    let Explanation::Forbidden { reasons, exhaustive: true } = &explanation else {
        panic!("{explanation:?}")
    };
    let said = Describer::new(machines).one_lines(reasons);
    assert_eq!(said, ["ztso-store-release P0 sw->sw; rf; ztso-load-acquire P1 lw->lw; fr"]);
    assert!(reasons[0].beyond_weaker);
    let added = explainer.added_orders(&state, reasons, &|| false);
    assert_eq!(added.len(), 2);
    assert!(added.iter().all(|edge| edge.needed), "each is needed: {added:?}");
}

#[test]
fn the_checker_refuses_evidence_that_was_tampered_with() {
    let program = program(MP).expect("a good test");
    let options = Options::default();
    let never = || false;
    let state: FinalState = [1, 0].into();
    let weak = [BaseModel::Rvwmo; 2];
    let machines = beside(&program, [&weak, &weak], &options);
    let explainer = Explainer::new(machines, &never).expect("small");
    let Explanation::Allowed(witness) = explainer.explain(&state, &never).expect("small") else {
        panic!("RVWMO allows it")
    };
    assert_eq!(check::witness(&program, &options, &witness), Ok(()));
    for (i, j) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        let mut changed = witness.clone();
        changed.gmo.swap(i, j);
        let obeys = check::witness(&program, &options, &changed).is_ok();
        let place = |witness: &rvlitmus_core::axiomatic::evidence::Witness, hart, nth| {
            witness.gmo.iter().position(|e| (e.hart.0, e.nth.0) == (hart, nth))
        };
        let right = place(&changed, 0, 1) < place(&changed, 1, 0)
            && place(&changed, 1, 1) < place(&changed, 0, 0);
        assert_eq!(obeys, right, "after exchanging {i} and {j}");
    }
    let mut changed = witness.clone();
    changed.gmo.pop();
    assert!(check::witness(&program, &options, &changed).is_err());
    let mut changed = witness.clone();
    changed.state = [1, 1].into();
    assert!(check::witness(&program, &options, &changed).is_err());

    let strong = [BaseModel::Ztso; 2];
    let machines = beside(&program, [&weak, &strong], &options);
    let explainer = Explainer::new(machines, &never).expect("small");
    let Explanation::Forbidden { reasons, .. } = explainer.explain(&state, &never).expect("small")
    else {
        panic!("Ztso forbids it")
    };
    let refutation = &reasons[0].example;
    assert_eq!(check::refutation(&program, &options, refutation), Ok(()));
    let rvlitmus_core::axiomatic::evidence::Contradiction::Cycle(cycle) = &refutation.contradiction
    else {
        panic!("a cycle")
    };
    for index in 0..cycle.len() {
        let mut changed = refutation.clone();
        let mut other = cycle.clone();
        let why = other[index].why.clone();
        other[index].why = other[(index + 1) % cycle.len()].why.clone();
        assert_ne!(why, other[index].why);
        changed.contradiction = rvlitmus_core::axiomatic::evidence::Contradiction::Cycle(other);
        assert!(check::refutation(&program, &options, &changed).is_err(), "edge {index}");
        let mut shorter = cycle.clone();
        shorter.remove(index);
        changed.contradiction = rvlitmus_core::axiomatic::evidence::Contradiction::Cycle(shorter);
        assert!(check::refutation(&program, &options, &changed).is_err(), "without edge {index}");
    }
}

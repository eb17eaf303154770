//! What must hold between the outcomes of a program and those of a stronger one, whatever the program.
//!
//! `RVLITMUS_GENERATED` sets how many programs are tried (default 1,000 for each property).

use crate::support::corpus::program;
use crate::support::generate::{Piece, Plan, Shape, plans};
use crate::support::runner::{cases, runner};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestError;
use rvlitmus_core::axiomatic;
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::program::Limits;
use rvlitmus_core::program::{Completeness, FinalState};

const SHAPE: Shape = Shape { pieces: 5, ..Shape::SMALL };
const SIZES: Shape = Shape { pieces: 4, locations: 1, mixed_sizes: true, ..SHAPE };

fn outcomes(plan: &Plan, models: &[BaseModel]) -> Vec<FinalState> {
    let text = plan.to_string();
    let program = program(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let found = axiomatic::outcomes(&program, models, &Options::default(), Limits::default())
        .unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(found.completeness, Completeness::Complete);
    assert!(!found.states.is_empty(), "every program ends somehow\n{text}");
    found.states.iter().collect()
}

fn uniform(plan: &Plan, model: BaseModel) -> Vec<BaseModel> {
    vec![model; plan.harts.len()]
}

fn included(few: &[FinalState], many: &[FinalState], what: &str) -> Result<(), TestCaseError> {
    match few.iter().find(|state| !many.contains(state)) {
        None => Ok(()),
        Some(state) => Err(TestCaseError::fail(format!("{what} adds {state:?}"))),
    }
}

/// Tries `property` on random programs; it says whether the stronger side had fewer outcomes, and for
/// some program it must.
fn holds<S: Strategy>(
    inputs: S,
    show: impl Fn(&S::Value) -> String,
    property: impl Fn(&S::Value) -> Result<bool, TestCaseError>,
) {
    let mut runner = runner(cases(1000));
    let fewer = std::cell::Cell::new(0);
    let result = runner.run(&inputs, |input| {
        fewer.set(fewer.get() + u32::from(property(&input)?));
        Ok(())
    });
    if let Err(TestError::Fail(reason, input)) = &result {
        panic!("{reason}\n{}", show(input));
    }
    result.expect("no other error");
    assert!(fewer.get() > 0, "the stronger side never mattered");
}

fn both_shapes() -> impl Strategy<Value = Plan> {
    prop_oneof![plans(SHAPE), plans(SIZES)]
}

#[test]
fn ztso_is_within_mixed_machines_and_these_within_rvwmo() {
    holds(both_shapes(), Plan::to_string, |plan| {
        let ztso = outcomes(plan, &uniform(plan, BaseModel::Ztso));
        let mixed = outcomes(plan, &plan.models);
        let rvwmo = outcomes(plan, &uniform(plan, BaseModel::Rvwmo));
        included(&ztso, &mixed, "Ztso on every hart")?;
        included(&mixed, &rvwmo, "Ztso on some harts")?;
        Ok(ztso.len() < rvwmo.len())
    });
}

#[test]
fn full_fences_give_sequential_consistency_which_is_within_ztso() {
    holds(both_shapes(), Plan::to_string, |plan| {
        let mut fenced = plan.clone();
        for pieces in &mut fenced.harts {
            *pieces = pieces
                .drain(..)
                .flat_map(|piece| {
                    let skip = matches!(piece, Piece::Skip { .. });
                    [Some(piece), (!skip).then_some(Piece::Fence("fence rw,rw"))]
                })
                .flatten()
                .collect();
        }
        let ztso = outcomes(plan, &uniform(plan, BaseModel::Ztso));
        let sc = outcomes(plan, &uniform(plan, BaseModel::Sc));
        included(&sc, &ztso, "sequential consistency")?;
        for model in [BaseModel::Rvwmo, BaseModel::Ztso, BaseModel::Sc] {
            if outcomes(&fenced, &uniform(plan, model)) != sc {
                return Err(TestCaseError::fail(format!("fences under {model} are not SC")));
            }
        }
        Ok(sc.len() < ztso.len())
    });
}

#[test]
fn a_fence_never_adds_an_outcome() {
    let fences =
        proptest::sample::select(vec!["fence rw,rw", "fence r,rw", "fence w,w", "fence.tso"]);
    let inputs = (both_shapes(), any::<Index>(), any::<Index>(), fences);
    let show = |input: &(Plan, Index, Index, &str)| input.0.to_string();
    holds(inputs, show, |(plan, hart, place, fence)| {
        let mut fenced = plan.clone();
        let hart = hart.index(plan.harts.len());
        let pieces = &mut fenced.harts[hart];
        let places: Vec<usize> = (0..=pieces.len())
            .filter(|i| *i == 0 || !matches!(pieces[i - 1], Piece::Skip { .. }))
            .collect();
        pieces.insert(places[place.index(places.len())], Piece::Fence(fence));
        let models = &uniform(plan, BaseModel::Rvwmo);
        let (fenced, plain) = (outcomes(&fenced, models), outcomes(plan, models));
        included(&fenced, &plain, fence)?;
        Ok(fenced.len() < plain.len())
    });
}

/// The piece with one more annotation, if it can have one.
fn annotated(piece: &Piece) -> Option<Piece> {
    let stronger = |order: &'static str| match order {
        "" => Some(".aq"),
        ".aq" | ".rl" => Some(".aqrl"),
        _ => None,
    };
    if !piece.stays_when_annotated() {
        return None;
    }
    let mut piece = piece.clone();
    match &mut piece {
        Piece::Load { unsigned: false, acquire, .. } => *acquire = stronger(acquire)?,
        Piece::Store { release, .. } => {
            *release = if release.is_empty() { ".rl" } else { stronger(release)? };
        }
        Piece::Amo { order, .. } | Piece::Lr { order, .. } => *order = stronger(order)?,
        Piece::Sc { order, .. } => *order = if order.is_empty() { ".rl" } else { stronger(order)? },
        Piece::Pair { orders, .. } => orders.0 = stronger(orders.0)?,
        _ => return None,
    }
    Some(piece)
}

#[test]
fn an_annotation_never_adds_an_outcome() {
    let inputs = (both_shapes(), any::<Index>(), any::<Index>());
    let show = |input: &(Plan, Index, Index)| input.0.to_string();
    holds(inputs, show, |(plan, hart, place)| {
        let mut changed = plan.clone();
        let hart = hart.index(plan.harts.len());
        let pieces = &mut changed.harts[hart];
        let place = place.index(pieces.len());
        let Some(piece) = annotated(&pieces[place]) else { return Ok(false) };
        pieces[place] = piece;
        let models = &plan.models;
        let (strong, plain) = (outcomes(&changed, models), outcomes(plan, models));
        included(&strong, &plain, "an annotation")?;
        Ok(strong.len() < plain.len())
    });
}

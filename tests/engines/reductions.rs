//! The explorer's reductions lose nothing and add nothing: on generated programs every combination
//! of switches finds the outcomes that the naive exploration finds.
//!
//! `RVLITMUS_GENERATED` sets how many programs are tried (default 1,500 of each shape).

use std::cell::Cell;

use crate::support::agree::options;
use crate::support::generate::{Dependency, Piece, Plan, Shape, plans};
use crate::support::runner::{cases, runner};
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options, ScFailure};
use rvlitmus_core::operational::{
    Buffers, Explorer, KnownOutcomes, Limits, Reductions, Use, Workspace,
};
use rvlitmus_core::program::{Completeness, Fault, Outcomes, Program, full_hart, link};

/// What is compared with. Loops that repeat are left out everywhere: that makes bounded answers complete.
const NAIVE: Reductions =
    Reductions { idle_iterations: true, unseen_retries: true, ..Reductions::NONE };

/// What the explorations of one test leave for one another.
#[derive(Default)]
struct Explorations {
    known: KnownOutcomes,
    buffers: Cell<Buffers>,
}

impl Explorations {
    /// What an exploration works with that knows of earlier ones, or of none.
    fn workspace(&self, remember: bool) -> Workspace<'_> {
        let known = remember.then_some(&self.known);
        Workspace { known, buffers: self.buffers.take() }
    }

    fn outcomes(
        &self,
        program: &Program,
        models: &[BaseModel],
        options: &Options,
        reductions: Reductions,
        remember: bool,
    ) -> Result<Outcomes, Fault> {
        let workspace = self.workspace(remember);
        let mut explorer = Explorer::new(program, options, reductions, workspace)?;
        let found = explorer.outcomes(models, Limits::default());
        self.buffers.set(explorer.into_buffers());
        found
    }
}

/// Each reduction alone, all but each, and all.
fn combinations() -> impl Iterator<Item = Reductions> {
    const COUNT: u32 = 14;
    let all = (1 << COUNT) - 1;
    let single = (0..COUNT).map(|bit| 1 << bit);
    // Sets of local states need the sleeping loads.
    let sets = single.clone().chain(single.map(move |bit| all & !bit)).chain([
        all,
        1 | 256,
        1 | 256 | 1024,
        1 | 2 | 512,
    ]);
    sets.map(|set| Reductions {
        sleeping_loads: set & 1 != 0,
        stubborn_sets: set & 2 != 0,
        dead_values: set & 4 != 0,
        symmetry: set & 8 != 0,
        renaming: if set & 8 != 0 { Use::Always } else { Use::Never },
        overwritten_stores: set & 16 != 0,
        dead_loads: set & 32 != 0,
        unused_loads: set & 64 != 0,
        selects: set & 128 != 0,
        commuting_amos: set & 512 != 0,
        blank_values: set & 1024 != 0,
        computed_values: set & 2048 != 0,
        early_results: set & 4096 != 0,
        local_sets: if set & 256 != 0 { Use::Always } else { Use::Never },
        fingerprints: if set & 8192 != 0 { Use::Always } else { Use::Never },
        idle_iterations: true,
        unseen_retries: true,
        deeper_loops: false,
    })
}

fn compare(shape: Shape) {
    compare_with(shape, |plan| {
        let text = plan.to_string();
        (plan, text)
    });
}

/// `text` makes a test, and the models of its harts, out of a plan.
fn compare_with(shape: Shape, text: impl Fn(Plan) -> (Plan, String)) {
    let explorations = Explorations::default();
    let result = runner(cases(1500)).run(&(plans(shape), options()), |(plan, options)| {
        let (plan, text) = text(plan);
        let test = parse(&text).expect("generated tests parse");
        let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
            .expect("generated tests link");
        let uniform = |model| vec![model; plan.models.len()];
        let choices = [uniform(BaseModel::Rvwmo), uniform(BaseModel::Ztso), plan.models.clone()];
        for models in &choices {
            // Whichever of several equal machines is explored, there is as much to do.
            let work = |remember| {
                let all = Reductions::ALL;
                let found = explorations.outcomes(&program, models, &options, all, remember);
                found.map(|found| found.work)
            };
            let (fresh, known) = (work(false), work(true));
            assert!(fresh.is_err() || fresh == known, "{fresh:?} {known:?} {models:?}\n{text}");
        }
        let naive =
            |models: &[BaseModel]| explorations.outcomes(&program, models, &options, NAIVE, false);
        let naive = choices.map(|models| (naive(&models), models));
        for reductions in combinations() {
            // One explorer answers for every choice of models, and the first twice.
            let workspace = explorations.workspace(true);
            let mut explorer = Explorer::new(&program, &options, reductions, workspace);
            for (naive, models) in naive.iter().chain(&naive[..1]) {
                let reduced = match &mut explorer {
                    Ok(explorer) => explorer.outcomes(models, Limits::default()),
                    Err(fault) => Err(fault.clone()),
                };
                let same = match (naive, &reduced) {
                    (Ok(a), Ok(b)) => a.states == b.states && a.completeness == b.completeness,
                    (Err(_), Err(_)) => true,
                    _ => false,
                };
                let how = format_args!("{reductions:?} {models:?} {options:?}");
                assert!(same, "{how}\n{naive:?}\n{reduced:?}\n{text}");
            }
            explorer.into_iter().for_each(|e| explorations.buffers.set(e.into_buffers()));
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn two_harts() {
    compare(Shape { harts: (2, 2), pieces: 5, ..Shape::SMALL });
}

/// The first hart twice or three times, and none of its registers observed.
fn with_twins(mut plan: Plan) -> (Plan, String) {
    let twins = 2 + plan.initial.iter().map(|v| usize::from(*v)).sum::<usize>() % 2;
    for _ in 1..twins {
        plan.harts.insert(0, plan.harts[0].clone());
        plan.models.insert(0, plan.models[0]);
    }
    let text = shown(&plan, |_, item| {
        let hart = item.split_once(':').and_then(|(hart, _)| hart.parse().ok());
        hart.is_none_or(|hart: usize| hart >= twins)
    });
    (plan, text)
}

/// The test of a plan, of which only the observed places that are `kept`, by index and name, are observed.
fn shown(plan: &Plan, kept: impl Fn(usize, &str) -> bool) -> String {
    let text = plan.to_string();
    let lines = text.lines().map(|line| match line.strip_prefix("locations [") {
        None => line.to_owned(),
        Some(items) => {
            let items = items.trim_end_matches(']').split_terminator(';').map(str::trim);
            let items = items.filter(|item| !item.is_empty()).enumerate();
            let items: Vec<&str> =
                items.filter(|(i, item)| kept(*i, item)).map(|(_, item)| item).collect();
            format!("locations [{};]", items.join("; "))
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A third of the observed places, or the first one.
fn with_little_shown(plan: Plan) -> (Plan, String) {
    let chance = plan.to_string().len() % 3;
    let text = shown(&plan, |index, _| index % 3 == chance || index == 0 && chance > 1);
    (plan, text)
}

#[test]
fn loads_and_stores_that_nobody_sees() {
    for (harts, locations) in [((2, 2), 1), ((2, 2), 2), ((3, 3), 1)] {
        let shape = Shape { harts, locations, ..Shape::SMALL };
        compare_with(shape, with_little_shown);
    }
}

#[test]
fn bytes_that_nobody_sees() {
    let shape = Shape { harts: (2, 2), locations: 1, mixed_sizes: true, ..Shape::SMALL };
    compare_with(shape, with_little_shown);
}

#[test]
fn equal_harts() {
    let shape = Shape { harts: (1, 2), pieces: 2, ..Shape::SMALL };
    compare_with(shape, with_twins);
}

#[test]
fn equal_harts_of_mixed_sizes() {
    let shape = Shape { harts: (1, 2), pieces: 2, locations: 1, mixed_sizes: true, ..Shape::SMALL };
    compare_with(shape, with_twins);
}

#[test]
fn equal_harts_that_loop() {
    let shape = Shape { harts: (1, 2), pieces: 2, locations: 1, loops: true, ..Shape::SMALL };
    compare_with(shape, with_twins);
}

/// Of three harts or more those behind the second only read.
fn with_readers(mut plan: Plan) -> (Plan, String) {
    for hart in plan.harts.iter_mut().skip(1) {
        for piece in hart {
            if let Piece::Store { spot, dependency, .. } = *piece {
                *piece = Piece::Load { spot, unsigned: false, acquire: "", dependency };
            }
        }
    }
    let (plan, text) = with_little_shown(plan);
    (plan, text)
}

#[test]
fn readers() {
    for locations in [1, 2] {
        compare_with(Shape { harts: (3, 3), pieces: 5, locations, ..Shape::SMALL }, with_readers);
    }
    compare_with(
        Shape { harts: (3, 3), locations: 1, mixed_sizes: true, ..Shape::SMALL },
        with_readers,
    );
}

/// Most stores, and every other load, are AMOs that count, most of them by one function.
fn with_counters(mut plan: Plan) -> (Plan, String) {
    let mut chance = plan.to_string().len();
    for piece in plan.harts.iter_mut().flatten() {
        chance = chance / 3 + 7 * (chance % 3) + 1;
        let (spot, dependency) = match *piece {
            Piece::Store { spot, dependency, .. } if !chance.is_multiple_of(5) => {
                (spot, dependency)
            }
            Piece::Load { spot, dependency, .. } if chance.is_multiple_of(2) => (spot, dependency),
            _ => continue,
        };
        let operation = ["add", "or", "max", "add", "and", "add"][chance % 6];
        let (order, value) = (["", "", ".aq", ".rl"][chance % 4], chance as u8 % 3 + 1);
        let discard = !chance.is_multiple_of(4);
        *piece = Piece::Amo { operation, order, spot, value, discard, dependency };
    }
    match plan.harts.len() {
        2 => with_little_shown(plan),
        _ => {
            let text = plan.to_string();
            (plan, text)
        }
    }
}

#[test]
fn amos_that_count() {
    for (harts, pieces) in [((2, 2), 5), ((3, 3), 4)] {
        let shape = Shape { harts, pieces, locations: 1, ..Shape::SMALL };
        compare_with(shape, with_counters);
        compare_with(Shape { mixed_sizes: true, pieces: 3, ..shape }, with_counters);
    }
}

/// Most stores are computed from values read, and of all that only one location is shown, and now and then one
/// value read.
fn with_chains(mut plan: Plan) -> (Plan, String) {
    let mut chance = plan.to_string().len();
    for piece in plan.harts.iter_mut().flatten() {
        chance = chance / 3 + 7 * (chance % 3) + 1;
        match piece {
            Piece::Store { dependency, .. } if !chance.is_multiple_of(4) => {
                *dependency = Dependency::Value(chance as u8 % 3);
            }
            Piece::Load { dependency, .. } if !chance.is_multiple_of(3) => {
                *dependency = Dependency::None;
            }
            Piece::Amo { operation, discard, .. } if !chance.is_multiple_of(3) => {
                (*operation, *discard) = (["add", "swap"][chance % 2], true);
            }
            Piece::Lr { spot, .. } | Piece::Sc { spot, .. } if !chance.is_multiple_of(5) => {
                let (unsigned, acquire) = (false, "");
                *piece =
                    Piece::Load { spot: *spot, unsigned, acquire, dependency: Dependency::None };
            }
            _ => {}
        }
    }
    let location = if chance.is_multiple_of(3) { "y" } else { "x" };
    let register = chance.is_multiple_of(5);
    let text = shown(&plan, |index, item| item == location || register && index == 3);
    (plan, text)
}

#[test]
fn values_that_reach_the_end() {
    for (harts, pieces, locations) in [((2, 2), 5, 1), ((3, 3), 4, 1), ((2, 3), 4, 2)] {
        let shape = Shape { harts, pieces, locations, ..Shape::SMALL };
        compare_with(shape, with_chains);
    }
}

/// Most registers that are shown are computed from several values read, so that part of these tells what they hold.
fn with_results(mut plan: Plan) -> (Plan, String) {
    let mut chance = plan.to_string().len();
    for piece in plan.harts.iter_mut().flatten() {
        chance = chance / 3 + 7 * (chance % 3) + 1;
        if let Piece::Store { dependency, .. } = piece
            && !chance.is_multiple_of(4)
        {
            *dependency = Dependency::None;
        }
    }
    let mut combined = Vec::new();
    for hart in &mut plan.harts {
        let reads = hart.iter().filter(|piece| matches!(piece, Piece::Load { .. })).count() as u8;
        combined.push(usize::from(reads / 2).min(2));
        for index in 0..(reads / 2).min(2) {
            chance = chance / 3 + 7 * (chance % 3) + 1;
            let operation = ["xor", "or", "and", "sub"][chance % 4];
            let test = ["snez", "seqz"][chance / 4 % 2];
            let values = (2 * index, 2 * index + 1);
            hart.push(Piece::Combine { operation, test, values });
        }
    }
    let all = plan.to_string();
    let places = all.lines().find_map(|line| line.strip_prefix("locations [")).unwrap_or("");
    let text = shown(&plan, |index, item| {
        let Some((hart, register)) = item.split_once(":x") else { return index % 3 == chance % 3 };
        let of_hart = |place: &&str| place.trim().starts_with(&format!("{hart}:"));
        let values = places.split(';').filter(of_hart).count();
        let number = register.parse::<usize>().map_or(0, |register| register - 10);
        let hart = hart.parse::<usize>().unwrap_or(0);
        number + combined[hart] >= values || index % 5 == chance % 5
    });
    (plan, text)
}

#[test]
fn registers_that_are_known_early() {
    for (harts, pieces, mixed_sizes) in [((2, 2), 5, false), ((3, 3), 4, false), ((2, 2), 4, true)]
    {
        let shape = Shape { harts, pieces, locations: 1, mixed_sizes, ..Shape::SMALL };
        compare_with(shape, with_results);
    }
}

/// Most stores are of what their location holds from the start.
fn with_unchanging_bytes(mut plan: Plan) -> (Plan, String) {
    let mut chance = plan.to_string().len();
    for piece in plan.harts.iter_mut().flatten() {
        chance = chance / 3 + 7 * (chance % 3) + 1;
        if let Piece::Store { spot, value, dependency, .. } = piece
            && !chance.is_multiple_of(4)
        {
            *value = plan.initial[usize::from(spot.location)];
            if let Dependency::Value(_) = dependency {
                *dependency = Dependency::None;
            }
        }
    }
    let text = plan.to_string();
    (plan, text)
}

#[test]
fn stores_that_change_nothing() {
    for (harts, pieces, mixed_sizes) in [((2, 3), 4, false), ((2, 2), 5, true)] {
        let shape = Shape { harts, pieces, mixed_sizes, ..Shape::SMALL };
        compare_with(shape, with_unchanging_bytes);
    }
}

#[test]
fn counts() {
    let shape = Shape { harts: (2, 2), pieces: 5, counts: true, ..Shape::SMALL };
    compare(shape);
    compare_with(shape, with_little_shown);
}

#[test]
fn counts_of_mixed_sizes() {
    let shape =
        Shape { harts: (2, 2), locations: 1, mixed_sizes: true, counts: true, ..Shape::SMALL };
    compare(shape);
}

#[test]
fn three_harts() {
    compare(Shape { harts: (3, 3), pieces: 3, ..Shape::SMALL });
}

#[test]
fn mixed_sizes() {
    compare(Shape { pieces: 3, locations: 1, mixed_sizes: true, ..Shape::SMALL });
}

#[test]
fn loops() {
    compare(Shape { harts: (2, 2), loops: true, ..Shape::SMALL });
}

#[test]
fn varied() {
    compare(Shape { harts: (1, 3), varied: true, ..Shape::SMALL });
}

#[test]
fn varied_and_mixed() {
    compare(Shape { harts: (1, 2), locations: 1, mixed_sizes: true, varied: true, ..Shape::SMALL });
}

#[test]
fn varied_loops() {
    compare(Shape { harts: (2, 2), loops: true, varied: true, ..Shape::SMALL });
}

/// Leaving out iterations that change nothing loses no state, and what is then complete has no more
/// states however far loops are followed.
#[test]
fn repeated_iterations() {
    let shape = Shape { harts: (2, 2), pieces: 5, loops: true, ..Shape::SMALL };
    let complete = Cell::new(0);
    let explorations = Explorations::default();
    let result = runner(cases(1500)).run(&plans(shape), |plan| {
        let text = plan.to_string();
        let test = parse(&text).expect("generated tests parse");
        let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
            .expect("generated tests link");
        let all = Reductions::default();
        let spelled_out = Reductions { idle_iterations: false, ..all };
        let run = |unroll, reductions, sc_failure| {
            let options = Options { unroll, sc_failure, ..Options::default() };
            explorations.outcomes(&program, &plan.models, &options, reductions, true)
        };
        for sc_failure in [ScFailure::Spurious, ScFailure::OnlyWhenForced] {
            let Ok(far) = run(3, spelled_out, sc_failure) else { continue };
            let left_out = run(3, all, sc_failure).expect("no fault without it");
            assert_eq!(left_out.states, far.states, "{sc_failure:?}\n{text}");
            let near = run(1, all, sc_failure).expect("no fault further on");
            if near.completeness == Completeness::Complete {
                assert_eq!(near.states, far.states, "{sc_failure:?}\n{text}");
                complete
                    .set(complete.get() + u32::from(far.completeness != Completeness::Complete));
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let complete = complete.get();
    assert!(complete > 20, "only {complete} loops were recognised");
}

/// Where loops that were cut are seen to end when they are followed further, the answer is that of the
/// naive exploration that follows them further still.
#[test]
fn loops_that_end_further_on() {
    let shape = Shape { harts: (2, 2), pieces: 5, loops: true, ..Shape::SMALL };
    let explorations = Explorations::default();
    let result = runner(cases(1500)).run(&plans(shape), |plan| {
        let text = plan.to_string();
        let test = parse(&text).expect("generated tests parse");
        let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
            .expect("generated tests link");
        let run = |unroll, reductions| {
            let options = Options { unroll, ..Options::default() };
            explorations.outcomes(&program, &plan.models, &options, reductions, true)
        };
        let Ok(near) = run(1, Reductions { deeper_loops: false, ..Reductions::ALL }) else {
            return Ok(());
        };
        let Ok(deep) = run(1, Reductions::ALL) else { panic!("no fault without it\n{text}") };
        assert_eq!(near.states, deep.states, "{text}");
        if deep.completeness != near.completeness {
            assert_eq!(deep.completeness, Completeness::Complete, "{text}");
            let far = run(4, NAIVE).expect("no fault further on");
            assert_eq!(far.states, deep.states, "{text}");
            assert_eq!(far.completeness, Completeness::Complete, "{text}");
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Of three pushes to a stack each may fail twice, and stores to its own node at each attempt.
#[test]
fn retries_that_others_cause_are_seen_to_end() {
    let row = |text: &str| format!(" {text} | {text} | {text} ;\n");
    let code = ["L: lw x5,0(x6)", "sw x5,0(x7)", "mv x8,x5", "amocas.w x8,x9,(x6)", "bne x8,x5,L"];
    let code: String = code.map(row).concat();
    let text = format!(
        "RISCV pushes\n{{ 0:x6=top; 1:x6=top; 2:x6=top; 0:x7=a; 1:x7=b; 2:x7=c; \
         0:x9=1; 1:x9=2; 2:x9=3; }}\n P0 | P1 | P2 ;\n{code}exists (top=1)\n"
    );
    let test = parse(&text).expect("parses");
    let program =
        link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo)).expect("links");
    let explorations = Explorations::default();
    let run = |unroll, reductions| {
        let options = Options { unroll, ..Options::default() };
        let models = vec![BaseModel::Rvwmo; 3];
        explorations.outcomes(&program, &models, &options, reductions, true).expect("no fault")
    };
    let without = Reductions { unseen_retries: false, ..Reductions::ALL };
    let near = run(1, Reductions { deeper_loops: false, ..without });
    assert!(matches!(near.completeness, Completeness::Bounded(_)));
    let deep = run(1, without);
    assert_eq!(deep.completeness, Completeness::Complete);
    assert_eq!(deep.states, near.states);
}

/// Who asks again after a fault gets the answer that a new explorer gives.
#[test]
fn a_fault_is_found_again() {
    let text = "RISCV wild\n{ 0:x5=x; 1:x5=x; }\n P0           | P1           ;\n lw x6,0(x5)  | li x6,1      ;\n \
                bne x6,x0,Here | sw x6,0(x5) ;\n j Done | ;\n Here: | ;\n lw x7,64(x5) | ;\n Done: | ;\n\
                exists (0:x6=1)\n";
    let test = parse(text).expect("parses");
    let program =
        link(&test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo)).expect("links");
    let (options, explorations) = (Options::default(), Explorations::default());
    let mut explorer =
        Explorer::new(&program, &options, Reductions::default(), explorations.workspace(true))
            .expect("small enough");
    for model in [BaseModel::Rvwmo, BaseModel::Ztso, BaseModel::Rvwmo] {
        let models = [model; 2];
        let again = explorer.outcomes(&models, Limits::default());
        assert!(matches!(again, Err(Fault::BadAddress { .. })), "{again:?}");
        let fresh = explorations.outcomes(&program, &models, &options, Reductions::default(), true);
        assert_eq!(again, fresh);
    }
}

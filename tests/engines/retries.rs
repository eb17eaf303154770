//! Loops that store where nobody looks, and then fail: what is left out of them is no final state.
//!
//! Programs are pushes to a stack and pops, with mistakes in them: fences and annotations that are too few,
//! nodes that two harts have, loads of what was stored, publishing by a plain store, and the like.
//! `RVLITMUS_GENERATED` sets how many are tried.

use std::cell::Cell;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::agree::{Verdict, compare};
use crate::support::corpus::program;
use crate::support::runner::{cases, runner};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Explorer, Limits, Reductions, Use, Workspace};
use rvlitmus_core::program::{Completeness, Fault, Outcomes, Program, full_hart, link};

/// A piece of a hart's code. `x10` holds its node, `x11` the top of the stack, `x9` a node that is nobody's, `x12`
/// what was read from the top and `x17` what was read from there.
#[derive(Clone, Debug)]
enum Piece {
    Read(&'static str),
    Reserve(&'static str),
    StoreToNode { field: u8, what: &'static str },
    LoadFromNode(u8),
    StoreToTop(&'static str),
    Follow,
    Fence(&'static str),
    LeaveIf(&'static str),
}

/// How an attempt ends, with what is written to the top.
#[derive(Clone, Copy, Debug)]
enum Attempt {
    Conditional(&'static str, &'static str),
    CompareAndSwap(&'static str, &'static str),
    None,
}

#[derive(Clone, Debug)]
struct HartPlan {
    before: Vec<Piece>,
    body: Vec<Piece>,
    attempt: Attempt,
    /// Between the attempt and the jump back.
    late: Option<Piece>,
    after: Vec<Piece>,
    /// Begins all anew while this register is zero.
    again: Option<&'static str>,
    node: u8,
    model: BaseModel,
}

fn piece() -> BoxedStrategy<Piece> {
    let what = || select(vec!["x12", "x12", "x9", "x0", "x17", "x10"]);
    let register = select(vec!["x12", "x17"]);
    prop_oneof![
        2 => select(vec!["", "", ".aq"]).prop_map(Piece::Read),
        3 => select(vec!["", "", ".aq", ".aqrl"]).prop_map(Piece::Reserve),
        5 => (prop_oneof![4 => Just(0u8), 1 => Just(1)], what())
            .prop_map(|(field, what)| Piece::StoreToNode { field, what }),
        1 => prop_oneof![2 => Just(0u8), 1 => Just(1)].prop_map(Piece::LoadFromNode),
        1 => what().prop_map(Piece::StoreToTop),
        2 => Just(Piece::Follow),
        3 => select(vec!["fence rw,w", "fence w,w", "fence rw,rw", "fence r,r", "fence r,rw", "fence.tso"])
            .prop_map(Piece::Fence),
        1 => register.prop_map(Piece::LeaveIf),
    ]
    .boxed()
}

fn attempt() -> BoxedStrategy<Attempt> {
    let order = || select(vec!["", ".rl", ".rl", ".aqrl", ".aq"]);
    let what = || select(vec!["x10", "x10", "x10", "x17", "x0", "x12"]);
    prop_oneof![
        6 => (order(), what()).prop_map(|(order, what)| Attempt::Conditional(order, what)),
        4 => (order(), what()).prop_map(|(order, what)| Attempt::CompareAndSwap(order, what)),
        1 => Just(Attempt::None),
    ]
    .boxed()
}

fn hart(most: usize) -> BoxedStrategy<HartPlan> {
    // Most loops begin as a push does.
    let start = prop_oneof![
        3 => Just(vec![Piece::Reserve("")]),
        3 => Just(vec![Piece::Reserve(""), Piece::StoreToNode { field: 0, what: "x12" }]),
        2 => Just(vec![Piece::Read(""), Piece::StoreToNode { field: 0, what: "x12" }]),
        1 => Just(vec![]),
    ];
    let late = prop_oneof![5 => Just(None), 1 => piece().prop_map(Some)];
    let again = prop_oneof![5 => Just(None), 1 => select(vec!["x12", "x16", "x17"]).prop_map(Some)];
    let model = select(vec![BaseModel::Rvwmo, BaseModel::Ztso]);
    let pieces = (vec(piece(), 0..2), start, vec(piece(), 0..most), vec(piece(), 0..most), late);
    (pieces, attempt(), again, 0u8..3, model)
        .prop_map(|((before, start, body, after, late), attempt, again, node, model)| {
            let body = start.into_iter().chain(body).collect();
            HartPlan { before, body, attempt, late, after, again, node: node % 2, model }
        })
        .boxed()
}

/// A hart that looks at what the others push, and maybe puts something there first.
fn reader() -> BoxedStrategy<HartPlan> {
    let before = prop_oneof![
        2 => Just(vec![Piece::StoreToTop("x9")]),
        1 => Just(vec![Piece::Read(""), Piece::StoreToTop("x9")]),
        1 => Just(vec![]),
    ];
    let attempt = prop_oneof![1 => Just(Attempt::None), 1 => attempt()];
    let model = select(vec![BaseModel::Rvwmo, BaseModel::Ztso]);
    (before, attempt, vec(piece(), 0..2), 0u8..3, model)
        .prop_map(|(before, attempt, after, node, model)| {
            let body = vec![Piece::Reserve(""), Piece::Follow];
            HartPlan {
                before,
                body,
                attempt,
                late: None,
                after,
                again: None,
                node: node % 2,
                model,
            }
        })
        .boxed()
}

fn write(code: &mut Vec<String>, pieces: &[Piece]) {
    for piece in pieces {
        match piece {
            Piece::Read(order) => code.push(format!("ld{order} x12,0(x11)")),
            Piece::Reserve(order) => code.push(format!("lr.d{order} x12,(x11)")),
            Piece::StoreToNode { field, what } => {
                code.push(format!("sd {what},{}(x10)", 8 * field))
            }
            Piece::LoadFromNode(field) => code.push(format!("ld x16,{}(x10)", 8 * field)),
            Piece::StoreToTop(what) => code.push(format!("sd {what},0(x11)")),
            Piece::Follow => {
                code.push("beqz x12,E".into());
                code.push("ld x17,0(x12)".into());
            }
            Piece::Fence(fence) => code.push((*fence).into()),
            Piece::LeaveIf(register) => code.push(format!("bnez {register},E")),
        }
    }
}

fn code(plan: &HartPlan) -> Vec<String> {
    let mut code = Vec::new();
    code.push("A:".into());
    write(&mut code, &plan.before);
    code.push("L:".into());
    write(&mut code, &plan.body);
    let late = plan.late.as_slice();
    match plan.attempt {
        Attempt::Conditional(order, what) => {
            code.push(format!("sc.d{order} x13,{what},(x11)"));
            write(&mut code, late);
            code.push("bnez x13,L".into());
        }
        Attempt::CompareAndSwap(order, what) => {
            code.push("mv x13,x12".into());
            code.push(format!("amocas.d{order} x13,{what},(x11)"));
            write(&mut code, late);
            code.push("bne x13,x12,L".into());
        }
        Attempt::None => code.push("beqz x12,L".into()),
    }
    write(&mut code, &plan.after);
    if let Some(register) = plan.again {
        code.push(format!("beqz {register},A"));
    }
    code.push("E:".into());
    code
}

/// `observed` says by bits what is.
fn text(harts: &[HartPlan], observed: u32) -> String {
    let mut text = "RISCV retries\n{ uint64_t m[2]={p,0}; uint64_t n[2]={p,0}; uint64_t o=0; \
                    uint64_t p=0; uint64_t top=0;\n"
        .to_owned();
    for (h, plan) in harts.iter().enumerate() {
        let node = if plan.node == 0 { ["m", "n"][h % 2] } else { ["n", "m"][h % 2] };
        let _ = writeln!(text, "{h}:x9=o; {h}:x10={node}; {h}:x11=top;");
    }
    text.push_str("}\n");
    let columns: Vec<Vec<String>> = harts.iter().map(code).collect();
    let heads: Vec<String> = (0..harts.len()).map(|h| format!("P{h}")).collect();
    let _ = writeln!(text, " {} ;", heads.join(" | "));
    for row in 0..columns.iter().map(Vec::len).max().unwrap_or(0) {
        let cells: Vec<&str> =
            columns.iter().map(|c| c.get(row).map_or("", String::as_str)).collect();
        let _ = writeln!(text, " {} ;", cells.join(" | "));
    }
    let mut places: Vec<String> = ["m[0]", "n[0]", "m[1]", "top"].map(String::from).into();
    for h in 0..harts.len() {
        places.extend(["x12", "x16", "x17"].map(|register| format!("{h}:{register}")));
    }
    let places = places.iter().enumerate().filter(|(bit, _)| observed >> bit & 1 != 0);
    let places: Vec<&str> = places.map(|(_, place)| place.as_str()).collect();
    let _ = writeln!(text, "locations [{};]\nexists (true)", places.join("; "));
    text
}

fn programs(most: usize) -> BoxedStrategy<(Vec<HartPlan>, u32)> {
    let other = prop_oneof![1 => hart(most), 1 => reader()];
    let observed = prop_oneof![3 => any::<u32>(), 2 => Just(!0 << 4), 1 => Just(!0)];
    (hart(most), other, observed)
        .prop_map(|(hart, other, observed)| (vec![hart, other], observed))
        .boxed()
}

/// Looks at the time until a program is given up, where nothing is left out and where it is.
const LOOKS: usize = 3;
const MANY_LOOKS: usize = 8 * LOOKS;

fn explore(
    program: &Program,
    models: &[BaseModel],
    unroll: u32,
    reductions: Reductions,
    most: usize,
) -> Option<Outcomes> {
    let options = Options { unroll, ..Options::default() };
    let looks = AtomicUsize::new(0);
    let interrupted = || looks.fetch_add(1, Ordering::Relaxed) > most;
    let limits = Limits { interrupted: &interrupted, memory: 1 << 28, parallel: false };
    let explorer = Explorer::within(program, &options, reductions, Workspace::default(), limits);
    let found = explorer.and_then(|mut explorer| explorer.outcomes(models, limits)).ok()?;
    (!found.completeness.ran_out()).then_some(found)
}

const ALL: Reductions = Reductions { deeper_loops: false, ..Reductions::ALL };

/// Where loops end a little further on than they were followed, a limit that ends the search before that is known is
/// told, and never that loops were cut.
#[test]
fn what_limits_end_is_not_told_to_be_cut() {
    // How often the loop repeats depends on what is read.
    let text = "RISCV t\n{ 0:x6=x; 0:x9=y; 1:x6=x; 1:x8=y; 2:x6=x; 3:x6=x; 3:x9=y; }\n\
        P0          | P1             | P2          | P3          ;\n\
        li x5,3     | lw x5,0(x6)    | li x5,5     | li x5,2     ;\n\
        sw x5,0(x6) | beqz x5,E      | sw x5,0(x6) | sw x5,0(x6) ;\n\
        sw x5,0(x9) | L: lw x7,0(x8) | lw x7,0(x6) | sw x5,0(x9) ;\n\
                    | lw x17,0(x6)   |             |             ;\n\
                    | addi x5,x5,-1  |             |             ;\n\
                    | bnez x5,L      |             |             ;\n\
                    | E: nop         |             |             ;\n\
        locations [1:x5; 1:x7; 2:x7; x; y;]\n";
    let program = program(text).expect("it links");
    let options = Options::default();
    let of = |reductions, most, memory| {
        let looks = AtomicUsize::new(0);
        let interrupted = || looks.fetch_add(1, Ordering::Relaxed) >= most;
        let limits = Limits { interrupted: &interrupted, memory, parallel: false };
        let workspace = Workspace::default();
        let explorer = Explorer::within(&program, &options, reductions, workspace, limits);
        let models = [BaseModel::Rvwmo; 4];
        match explorer.and_then(|mut explorer| explorer.outcomes(&models, limits)) {
            Ok(found) => (found.completeness, looks.into_inner()),
            Err(Fault::RanOut(completeness)) => (completeness, looks.into_inner()),
            Err(fault) => panic!("{fault:?}"),
        }
    };
    let (cut, near) = of(ALL, usize::MAX, usize::MAX);
    assert!(matches!(cut, Completeness::Bounded(_)));
    let (whole, looks) = of(Reductions::ALL, usize::MAX, usize::MAX);
    assert!(whole == Completeness::Complete && near + 1 < looks, "{near} {looks}");
    for most in 0..=looks {
        let expected = if most < looks { Completeness::Timeout } else { Completeness::Complete };
        assert_eq!(of(Reductions::ALL, most, usize::MAX), (expected, looks.min(most + 1)));
    }
    let mut ended = 0;
    for quarter in 48..100 {
        let (found, _) =
            of(Reductions::ALL, usize::MAX, (1 << (quarter / 4)) / 4 * (4 + quarter % 4));
        ended += usize::from(found == Completeness::MemoryLimit);
        assert!(found == Completeness::MemoryLimit || found == Completeness::Complete, "{found:?}");
    }
    assert!(ended > 0);
}

/// Followed just as far, the loops have as many final states with what is left out; and where nothing is cut,
/// then no more when they are followed further.
#[test]
fn nothing_is_lost_with_iterations_that_nobody_sees() {
    let (helped, compared) = (Cell::new(0), Cell::new(0));
    let result = runner(cases(1500)).run(&programs(3), |(harts, observed)| {
        let text = text(&harts, observed);
        let test = parse(&text).expect("generated tests parse");
        let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
            .expect("generated tests link");
        let uniform = |model| vec![model; harts.len()];
        let mixed: Vec<BaseModel> = harts.iter().map(|hart| hart.model).collect();
        for models in [uniform(BaseModel::Rvwmo), uniform(BaseModel::Ztso), mixed] {
            let run =
                |unroll, reductions| explore(&program, &models, unroll, reductions, MANY_LOOKS);
            let near = Reductions { idle_iterations: true, ..Reductions::NONE };
            // One that faults, or is too large.
            let Some(naive) = explore(&program, &models, 1, near, LOOKS) else { continue };
            compared.set(compared.get() + 1);
            let left_out = run(1, Reductions { unseen_retries: true, ..near }).expect("small");
            assert_eq!(left_out.states, naive.states, "{models:?}\n{text}");
            let reduced = run(1, ALL).expect("small");
            assert_eq!(reduced.states, naive.states, "{models:?}\n{text}");
            assert_eq!(reduced.completeness, left_out.completeness, "{models:?}\n{text}");
            let by_sets = run(1, Reductions { local_sets: Use::Always, ..ALL }).expect("small");
            assert_eq!(by_sets.states, naive.states, "{models:?}\n{text}");
            let without = Reductions { unseen_retries: false, ..ALL };
            let Some(far) = explore(&program, &models, 3, without, LOOKS) else { continue };
            let leaves_out = run(3, ALL).expect("small");
            assert_eq!(leaves_out.states, far.states, "{models:?}\n{text}");
            if reduced.completeness == Completeness::Complete {
                assert_eq!(reduced.states, far.states, "{models:?}\n{text}");
                let cut = far.completeness != Completeness::Complete;
                helped.set(helped.get() + u32::from(cut));
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (helped, compared) = (helped.get(), compared.get());
    assert!(compared > 2 * cases(1500), "only {compared} explorations were compared");
    assert!(helped > 100, "only {helped} loops were recognised");
}

/// Both engines leave out the same.
#[test]
fn engines_agree_on_retries() {
    let result = runner(cases(500)).run(&programs(2), |(harts, observed)| {
        let text = text(&harts, observed);
        let test = parse(&text).expect("generated tests parse");
        let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
            .expect("generated tests link");
        let options = Options { unroll: 1, ..Options::default() };
        for model in [BaseModel::Rvwmo, BaseModel::Ztso] {
            match compare(&program, &vec![model; harts.len()], &options) {
                Verdict::Same | Verdict::TooLong => {}
                Verdict::Differ(how) => {
                    return Err(TestCaseError::fail(format!("{how}\n{text}")));
                }
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// A node that is pushed a second time is known to others: what a failed attempt stored to it is seen.
#[test]
fn a_node_that_was_pushed_before_is_known() {
    let text = "RISCV again\n{ uint64_t n=q; uint64_t o=0; uint64_t p=0; uint64_t q=0; uint64_t top=0; \
                0:x10=n; 0:x11=top; 1:x11=top; 1:x8=o; 1:x9=p; 2:x11=top; }\n \
                P0 | P1 | P2 ;\n A: | sd x8,0(x11) | ld x12,0(x11) ;\n L: | fence rw,rw | beqz x12,E ;\n \
                lr.d x12,(x11) | sd x9,0(x11) | ld x17,0(x12) ;\n sd x12,0(x10) | | E: ;\n \
                sc.d.rl x13,x10,(x11) | | ;\n bnez x13,L | | ;\n beqz x12,A | | ;\n\
                locations [n; top; 2:x17;]\nexists (2:x17=o /\\ n=p)\n";
    let test = parse(text).unwrap_or_else(|e| panic!("{e}"));
    let program =
        link(&test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo)).expect("links");
    let models = [BaseModel::Rvwmo; 3];
    let found = explore(&program, &models, 2, ALL, usize::MAX).expect("no fault");
    let without = Reductions { unseen_retries: false, ..ALL };
    let all = explore(&program, &models, 2, without, usize::MAX).expect("no fault");
    assert_eq!(found.states, all.states);
}

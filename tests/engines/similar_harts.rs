//! Harts that are equal but for locations of their own: putting them in order loses nothing.
//!
//! Programs are the same code for two or three harts, each with a node of its own: what locks and stacks are made of,
//! and now and then something that takes a pointer for a number, or looks at what cannot be renamed.
//! `RVLITMUS_GENERATED` sets how many are tried.

use std::cell::Cell;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::runner::{cases, runner};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Explorer, Limits, Reductions, Use, Workspace};
use rvlitmus_core::program::{Completeness, Outcomes, Program, full_hart, link};

/// Lines of code; `@` is a number of its own. `x10` holds a hart's node, `x11` the top of a stack or tail of a
/// queue, `x27` a counter, `x9` a location that all share; `x12` and `x17` get pointers.
const PIECES: &[&[&str]] = &[
    &["ld x12,0(x11)"],
    &["ld.aq x12,0(x11)"],
    &["lr.d x12,(x11)"],
    &["amoswap.d x12,x10,(x11)"],
    &["amoswap.d.aqrl x12,x10,(x11)"],
    &["amoswap.d x12,x0,(x11)"],
    &["sd x12,0(x10)"],
    &["sd x10,0(x10)"],
    &["li x5,1", "sd x5,8(x10)"],
    &["sd x10,0(x11)"],
    &["sd x9,0(x11)"],
    &["beqz x12,E", "ld x17,0(x12)"],
    &["beqz x12,E", "sd x10,0(x12)"],
    &["beqz x12,E", "sd x0,8(x12)"],
    &["beqz x12,E", "ld x17,0(x12)", "sc.d x13,x17,(x11)"],
    &["ld x17,0(x10)"],
    &["bne x12,x10,E"],
    &["beq x17,x10,E"],
    &["bnez x17,E"],
    &["lw x28,0(x27)", "addi x28,x28,1", "sw x28,0(x27)"],
    &["li x5,1", "amoadd.w x0,x5,(x27)"],
    &["W@: ld x6,8(x10)", "bnez x6,W@"],
    &["L@: lr.d x12,(x11)", "sd x12,0(x10)", "sc.d.rl x13,x10,(x11)", "bnez x13,L@"],
    &["L@: ld x12,0(x11)", "mv x13,x12", "amocas.d x13,x10,(x11)", "bne x13,x12,L@"],
    &["sc.d x13,x10,(x11)"],
    &["ori x17,x12,1", "sd x17,0(x10)"],
    &["andi x12,x12,-2"],
    &["fence rw,rw"],
    &["fence rw,w"],
    &["fence r,rw"],
    // What depends on the order of nodes in memory, or on more than that.
    &["sltu x28,x12,x10", "sw x28,0(x27)"],
    &["sub x28,x12,x10", "sw x28,0(x27)"],
    &["sw x12,0(x27)"],
    &["lw x12,0(x11)"],
];

const MCS_ENTER: &[&str] = &[
    "li x5,1",
    "sd x5,8(x10)",
    "fence w,w",
    "amoswap.d.aqrl x12,x10,(x11)",
    "beqz x12,C@",
    "sd x10,0(x12)",
    "W@: ld x6,8(x10)",
    "bnez x6,W@",
    "C@: fence r,rw",
];
const MCS_LEAVE: &[&str] = &[
    "R@: ld x17,0(x10)",
    "bnez x17,H@",
    "lr.d.aqrl x14,(x11)",
    "bne x14,x10,R@",
    "sc.d.rl x13,x0,(x11)",
    "bnez x13,R@",
    "j E",
    "H@: fence rw,w",
    "sd x0,8(x17)",
];
const CLH_ENTER: &[&str] = &[
    "li x5,1",
    "sd x5,0(x10)",
    "amoswap.d x12,x10,(x11)",
    "beqz x12,C@",
    "W@: ld x6,0(x12)",
    "bnez x6,W@",
    "C@: fence r,rw",
];
const CLH_LEAVE: &[&str] = &["fence rw,w", "sd x0,0(x10)"];
const COUNT: &[&str] = &["lw x28,0(x27)", "addi x28,x28,1", "sw x28,0(x27)"];
const PUSH: &[&str] =
    &["L@: lr.d x12,(x11)", "sd x12,0(x10)", "sc.d.rl x13,x10,(x11)", "bnez x13,L@"];
const POP: &[&str] =
    &["P@: lr.d x12,(x11)", "beqz x12,E", "ld x17,0(x12)", "sc.d x13,x17,(x11)", "bnez x13,P@"];
const SWAP: &[&str] = &["amoswap.d x12,x10,(x11)"];
const LINK: &[&str] = &["beqz x12,E", "sd x10,0(x12)"];
const LOOK: &[&str] = &["ld x17,0(x10)", "beqz x17,E", "ld x16,0(x17)", "sd x16,8(x17)"];

/// What people write, of pieces.
const BASES: &[&[&[&str]]] = &[
    &[MCS_ENTER, COUNT, MCS_LEAVE],
    &[CLH_ENTER, COUNT, CLH_LEAVE],
    &[PUSH, POP],
    &[PUSH, COUNT],
    &[SWAP, LINK, LOOK],
    &[SWAP, LINK, COUNT],
    &[POP, COUNT],
];

/// Pieces of the one code, how many harts have it, what is observed, and whether the top is a node from the start.
type Plan = (Vec<&'static [&'static str]>, usize, u8, bool);

fn plans(harts: usize, most: usize) -> BoxedStrategy<Plan> {
    let piece = || {
        prop_oneof![20 => 0..PIECES.len() - 4, 1 => 0..PIECES.len()].prop_map(|piece| PIECES[piece])
    };
    let edits = vec((0u8..3, 0usize..8, piece()), 0..3);
    let edited = (0..BASES.len(), edits).prop_map(|(base, edits)| {
        let mut pieces = BASES[base].to_vec();
        for (edit, at, piece) in edits {
            let at = at % pieces.len().max(1);
            match edit {
                0 if pieces.len() > 1 => drop(pieces.remove(at)),
                1 => pieces[at] = piece,
                _ => pieces.insert(at, piece),
            }
        }
        pieces
    });
    let pieces = prop_oneof![3 => edited, 1 => vec(piece(), 1..=most)];
    let observed = prop_oneof![6 => Just(0b11), 1 => 0u8..16];
    (pieces, Just(harts), observed, select(vec![false, false, false, false, true])).boxed()
}

fn text((pieces, harts, observed, pointed): &Plan) -> String {
    let nodes = &["m", "n", "q"][..*harts];
    let mut text = "RISCV similar\n{ uint64_t o[2]={0,0}; int c=0;\n".to_owned();
    nodes.iter().for_each(|node| {
        let _ = writeln!(text, "uint64_t {node}[2]={{0,0}};");
    });
    let _ = writeln!(text, "uint64_t top={};", if *pointed { "n" } else { "0" });
    for (h, node) in nodes.iter().enumerate() {
        let _ = writeln!(text, "{h}:x9=o; {h}:x10={node}; {h}:x11=top; {h}:x27=c;");
    }
    text.push_str("}\n");
    let heads: Vec<String> = (0..*harts).map(|h| format!("P{h}")).collect();
    let _ = writeln!(text, " {} ;", heads.join(" | "));
    for (number, piece) in pieces.iter().enumerate() {
        for line in *piece {
            let line = line.replace('@', &number.to_string());
            let _ = writeln!(text, " {} ;", vec![line; *harts].join(" | "));
        }
    }
    let _ = writeln!(text, " {} ;", vec!["E:"; *harts].join(" | "));
    let places = ["c", "o[0]", "top", "0:x12"].iter().enumerate();
    let places = places.filter(|(bit, _)| observed >> bit & 1 != 0);
    let places: Vec<&str> = places.map(|(_, place)| *place).collect();
    let _ = writeln!(text, "locations [{};]\nexists (true)", places.join("; "));
    text
}

/// Looks at the time until a program is given up.
const MOST_LOOKS: usize = 6;

fn explore(program: &Program, models: &[BaseModel], reductions: Reductions) -> Option<Outcomes> {
    let options = Options { unroll: 1, ..Options::default() };
    let looks = AtomicUsize::new(0);
    let interrupted = || looks.fetch_add(1, Ordering::Relaxed) > MOST_LOOKS;
    let limits = Limits { interrupted: &interrupted, memory: 1 << 30, parallel: false };
    let explorer = Explorer::within(program, &options, reductions, Workspace::default(), limits);
    let found = explorer.and_then(|mut explorer| explorer.outcomes(models, limits)).ok()?;
    (!found.completeness.ran_out()).then_some(found)
}

fn compare(harts: usize, most: usize, default: u32, most_given_up: u32) {
    let (helped, given_up) = (Cell::new(0), Cell::new(0));
    let result = runner(cases(default)).run(&plans(harts, most), |plan| {
        let text = text(&plan);
        let test = parse(&text).expect("generated tests parse");
        let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
            .expect("generated tests link");
        let mixed = (0..harts).map(|h| [BaseModel::Rvwmo, BaseModel::Ztso][h % 2]).collect();
        for models in [vec![BaseModel::Rvwmo; harts], vec![BaseModel::Ztso; harts], mixed] {
            let all = Reductions { deeper_loops: false, renaming: Use::Never, ..Reductions::ALL };
            let Some(without) = explore(&program, &models, all) else { continue };
            let near = Reductions { idle_iterations: true, ..Reductions::NONE };
            let naive = explore(&program, &models, near);
            given_up.set(given_up.get() + u32::from(naive.is_none()));
            let renaming = Use::Always;
            let alone =
                Reductions { sleeping_loads: true, idle_iterations: true, ..Reductions::NONE };
            let alone = Reductions { renaming, ..alone };
            for reductions in [
                Reductions { renaming, ..all },
                Reductions { renaming: Use::WhenLarge, ..all },
                Reductions { renaming, local_sets: Use::Never, ..all },
                Reductions { renaming, ..near },
                alone,
                Reductions { dead_values: true, ..alone },
            ] {
                let Some(reduced) = explore(&program, &models, reductions) else {
                    // Only the small searches have to end.
                    assert!(!reductions.stubborn_sets, "{models:?}\n{text}");
                    continue;
                };
                for others in [Some(&without), naive.as_ref()].into_iter().flatten() {
                    assert_eq!(reduced.states, others.states, "{reductions:?} {models:?}\n{text}");
                }
                let ends = (&reduced.completeness, &without.completeness);
                if reductions.unseen_retries || ends.0 == ends.1 {
                    assert_eq!(ends.0, ends.1, "{reductions:?} {models:?}\n{text}");
                }
                let fewer = reduced.work < without.work && reductions.stubborn_sets;
                helped.set(helped.get() + u32::from(fewer));
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    let (helped, given_up) = (helped.get(), given_up.get());
    assert!(helped > default / 5, "only {helped} searches were smaller");
    let most = most_given_up * cases(default);
    assert!(given_up <= most, "{given_up} naive explorations were given up");
}

#[test]
fn two_similar_harts() {
    compare(2, 5, 1000, 1);
}

#[test]
fn three_similar_harts() {
    compare(3, 4, 300, 3);
}

/// What is not to be exchanged with its nodes is not: the order of nodes in memory can be seen.
#[test]
fn the_order_of_nodes_is_seen() {
    let row = |text: &str| format!(" {text} | {text} ;\n");
    let code = ["amoswap.d x12,x10,(x11)", "sltu x28,x12,x10", "sw x28,0(x27)"].map(row).concat();
    let text = format!(
        "RISCV order\n{{ uint64_t m=0; uint64_t n=0; uint64_t top=0; int c=0; 0:x10=m; 1:x10=n; \
         0:x11=top; 1:x11=top; 0:x27=c; 1:x27=c; }}\n P0 | P1 ;\n{code}exists (c=1)\n"
    );
    let test = parse(&text).expect("parses");
    let program =
        link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo)).expect("links");
    let models = [BaseModel::Rvwmo; 2];
    let renamed = Reductions { renaming: Use::Always, ..Reductions::ALL };
    let renamed = explore(&program, &models, renamed).expect("ends");
    assert_eq!(renamed.completeness, Completeness::Complete);
    assert_eq!(renamed.states, explore(&program, &models, Reductions::NONE).expect("ends").states);
}

/// States that were met before harts are exchanged are not taken for others: here a key of the one kind is one of the
/// other kind, too.
#[test]
fn keys_from_before_are_no_keys_of_now() {
    let text = include_str!("values/two-ways-to-write-keys.litmus");
    let test = parse(text).expect("parses");
    let program =
        link(&test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo)).expect("links");
    let models = [BaseModel::Rvwmo; 5];
    let all = |renaming| {
        let mut explorer = Explorer::new(
            &program,
            &Options::default(),
            Reductions { renaming, ..Reductions::ALL },
            Workspace::default(),
        )
        .expect("fits");
        explorer.outcomes(&models, Limits::default()).expect("ends").states
    };
    let states = all(Use::Never);
    assert_eq!(states.len(), 10);
    assert_eq!(all(Use::WhenLarge), states);
    assert_eq!(all(Use::Always), states);
}

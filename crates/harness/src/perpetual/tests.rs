//! The proof at the head of the module, put to the engine: all executions of two iterations, and every frame of each.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rvlitmus_core::model::{BaseModel, Model};
use rvlitmus_core::session::{Session, Settings, Unwatched};

use super::*;

/// An operation of a hart.
#[derive(Clone, Copy)]
enum Op {
    /// A store to a location.
    W(&'static str),
    /// A load from one.
    R(&'static str),
    /// The same, at an address that depends on the load before.
    Addr(&'static str),
    Fence(&'static str),
}
use Op::{Addr, Fence, R, W};

const ITERATIONS: usize = 2;
const LOCATIONS: [&str; 3] = ["x", "y", "z"];

/// How often a hart stores to a location.
fn stores(hart: &[Op], location: &str) -> usize {
    hart.iter().filter(|op| matches!(op, W(name) if *name == location)).count()
}

/// The code of a hart, from iteration to iteration with other registers for what it loads; `value` of the `a`-th store
/// to a location in an iteration.
fn code(
    hart: &[Op],
    iterations: usize,
    value: impl Fn(usize, usize, usize) -> usize,
) -> Vec<String> {
    let mut lines = Vec::new();
    for n in 0..iterations {
        let mut loads = 10 + 4 * n;
        let mut done = [0; 3];
        for op in hart {
            let at = |name: &str| LOCATIONS.iter().position(|it| *it == name).expect("a location");
            match op {
                W(name) => {
                    done[at(name)] += 1;
                    let value = value(n, stores(hart, name), done[at(name)]);
                    lines.push(format!("li x5,{value}"));
                    lines.push(format!("sw x5,0(x{})", 20 + at(name)));
                }
                R(name) => {
                    lines.push(format!("lw x{loads},0(x{})", 20 + at(name)));
                    loads += 1;
                }
                Addr(name) => {
                    lines.push(format!("xor x6,x{0},x{0}", loads - 1));
                    lines.push(format!("add x7,x6,x{}", 20 + at(name)));
                    lines.push(format!("lw x{loads},0(x7)"));
                    loads += 1;
                }
                Fence(sets) => lines.push(format!("fence {sets}")),
            }
        }
    }
    lines
}

fn text(
    harts: &[&[Op]],
    iterations: usize,
    value: impl Fn(usize, usize, usize) -> usize,
) -> String {
    let columns: Vec<Vec<String>> =
        harts.iter().map(|hart| code(hart, iterations, &value)).collect();
    let mut text = String::from("RISCV t\n{ ");
    for hart in 0..harts.len() {
        for (number, name) in (20..).zip(LOCATIONS) {
            let _ = write!(text, "{hart}:x{number}={name}; ");
        }
    }
    text.push_str("}\n");
    let heads: Vec<String> = (0..harts.len()).map(|hart| format!("P{hart}")).collect();
    let _ = writeln!(text, "{} ;", heads.join(" | "));
    let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..longest {
        let cells: Vec<&str> =
            columns.iter().map(|column| column.get(row).map_or("", |it| it)).collect();
        let _ = writeln!(text, "{} ;", cells.join(" | "));
    }
    text.push_str("locations [");
    for (hart, ops) in harts.iter().enumerate() {
        let loads = ops.iter().filter(|op| matches!(op, R(_) | Addr(_))).count();
        for n in 0..iterations {
            for load in 0..loads {
                let _ = write!(text, "{hart}:x{}; ", 10 + 4 * n + load);
            }
        }
    }
    text.push_str("]\n");
    text
}

/// The states of a text, by the names of registers.
fn states(session: &Session, text: &str) -> BTreeSet<Vec<(String, u64)>> {
    let test = session.read(text).expect("a test");
    let machines = session.machines(&test).expect("a model");
    let answer = session.answer(&test, &machines, &Unwatched).expect("an answer");
    let number = |value: rvlitmus_core::answer::Value| {
        value.text(&answer.symbols).parse::<u64>().expect("a number")
    };
    let state = |row| {
        let values = answer.places.iter().zip(answer.states.row(row));
        values.map(|(place, value)| (place.to_owned(), number(value))).collect()
    };
    (0..answer.states.len()).map(state).collect()
}

#[test]
fn every_frame_of_every_execution_is_a_state_of_the_test() {
    let tests: [&[&[Op]]; 8] = [
        &[&[W("x"), R("y")], &[W("y"), R("x")]],
        &[&[W("x"), W("y")], &[R("y"), R("x")]],
        &[&[W("x"), Fence("w,w"), W("y")], &[R("y"), Addr("x")]],
        &[&[R("x"), W("y")], &[R("y"), W("x")]],
        &[&[W("x"), W("x"), R("x")], &[R("x"), R("x")]],
        &[&[W("x"), R("x"), R("y")], &[W("y"), R("y"), R("x")]],
        &[&[W("x")], &[R("x"), W("y")], &[R("y"), Addr("x")]],
        &[&[W("x"), Fence("rw,rw"), R("y")], &[W("y"), Fence("rw,rw"), R("x")]],
    ];
    let mut relaxed = 0;
    for model in [BaseModel::Rvwmo, BaseModel::Ztso, BaseModel::Sc] {
        let models = vec![Model::of(model)];
        let session = Session::new(Settings { models, ..Settings::default() });
        for harts in tests {
            let once = text(harts, 1, |_, _, a| a);
            let known = states(&session, &once);
            let test = session.read(&once).expect("a test");
            let machines = session.machines(&test).expect("a model");
            let program = session.link(&test, &machines[0]).expect("a program");
            let form = perpetual(&test.test, &program).expect("it has the form");
            let endless = text(harts, ITERATIONS, |n, k, a| n * k + a);
            let mut found = BTreeSet::new();
            for run in states(&session, &endless) {
                let run: std::collections::BTreeMap<String, u64> = run.into_iter().collect();
                for frame in 0..ITERATIONS.pow(harts.len() as u32) {
                    let chosen = |hart: usize| frame / ITERATIONS.pow(hart as u32) % ITERATIONS;
                    let value = |seen: &Seen, place: &Observed| match seen {
                        Seen::Constant(value) => *value,
                        Seen::Load { hart, location, values, .. } => {
                            let ObservedFrom::Register(_, register) = place.from else { panic!() };
                            let register = register.number() + 4 * chosen(*hart);
                            let value = run[&format!("{hart}:x{register}")] as usize;
                            match form.stored[*location] {
                                Some((storing, count)) if value > 0 => {
                                    let (from, store) = ((value - 1) / count, (value - 1) % count);
                                    match from.cmp(&chosen(storing)) {
                                        std::cmp::Ordering::Less => values[0],
                                        std::cmp::Ordering::Equal => values[store + 1],
                                        std::cmp::Ordering::Greater => values[count],
                                    }
                                }
                                _ => values[0],
                            }
                        }
                    };
                    let values = form.seen.iter().zip(&program.observed);
                    let state = values.map(|(seen, it)| (it.place.to_string(), value(seen, it)));
                    found.insert(state.collect::<Vec<_>>());
                }
            }
            let outside: Vec<_> = found.difference(&known).collect();
            assert!(outside.is_empty(), "{model:?}: {outside:?} of\n{once}");
            relaxed += known.intersection(&found).count();
        }
    }
    assert!(relaxed > 60, "frames show something: {relaxed}");
}

#[test]
fn tests_without_a_proof_have_no_perpetual_form() {
    let session = Session::default();
    let form = |text: &str| {
        let test = session.read(text).expect("a test");
        let machines = session.machines(&test).expect("models");
        let program = session.link(&test, &machines[0]).expect("a program");
        perpetual(&test.test, &program).is_some()
    };
    let head = "RISCV t\n{ 0:x6=x; 1:x6=x; 0:x7=y; 1:x7=y; 0:x5=1; 1:x5=1; }\n P0 | P1 ;\n";
    for (code, has) in [
        ("sw x5,0(x6) | lw x8,0(x6) ;\nexists 1:x8=1\n", true),
        ("sw x5,0(x6) | sw x5,0(x6) ;\n | lw x8,0(x6) ;\nexists 1:x8=1\n", false),
        ("amoswap.w x8,x5,(x6) | lw x8,0(x6) ;\nexists 1:x8=1\n", false),
        ("lr.w x8,(x6) | lw x8,0(x6) ;\nexists 1:x8=1\n", false),
        ("sw x5,0(x6) | lh x8,0(x6) ;\nexists 1:x8=1\n", false),
        ("sw x5,0(x6) | lw x8,0(x6) ;\n | addi x9,x8,1 ;\nexists 1:x9=1\n", false),
        ("sw x5,0(x6) | lw x8,0(x6) ;\n | sw x8,0(x7) ;\nexists y=1\n", false),
        (
            "sw x5,0(x6) | lw x8,0(x6) ;\n | bnez x8,a ;\n | sw x5,0(x7) ;\n | a: ;\nexists 1:x8=1\n",
            false,
        ),
        (
            "sw x5,0(x6) | lw x8,0(x6) ;\n | bnez x8,a ;\n | a: ;\n | sw x5,0(x7) ;\nexists 1:x8=1\n",
            true,
        ),
        ("sw x5,0(x6) | lw x8,0(x6) ;\nfilter 1:x8=1\nexists 1:x8=1\n", false),
    ] {
        assert_eq!(form(&format!("{head}{code}")), has, "{code}");
    }
}

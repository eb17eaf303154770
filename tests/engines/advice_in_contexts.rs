//! Advice for every context, compared with brute force: contexts whose other harts are of any length, with
//! fences or without, and with accesses that conflict with nothing.
//!
//! `RVLITMUS_CONTEXTS` sets how many accesses contexts of the brute force have (default 3).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rayon::prelude::*;
use rvlitmus_core::advise::{Lost, Parts, Question, Site, Use, present, with};
use rvlitmus_core::litmus::{HartId, Test};
use rvlitmus_core::session::{Machine, ReadTest, Session, Settings, Unwatched};
use rvlitmus_generate::{Alphabet, advise_in_contexts};

/// Sequences over `x` in `x6` and `y` in `x7`, with 1 in `x5`.
const SEQUENCES: [&[&str]; 11] = [
    &["fence rw,rw"],
    &["fence rw,w", "sw x5,0(x6)", "fence rw,rw"],
    &["lw x8,0(x6)", "fence r,rw"],
    &["fence.tso", "lw x8,0(x6)", "fence r,r"],
    &["lw.aq x8,(x6)"],
    &["sw.rl x5,(x6)"],
    &["sw x5,0(x6)", "fence w,r", "lw x8,0(x7)"],
    &["amoadd.w.aqrl x8,x5,(x6)"],
    &["lw x8,0(x6)", "xor x9,x8,x8", "add x10,x7,x9", "lw x11,0(x10)"],
    &["lr.w.aq x8,(x6)", "sc.w.rl x9,x5,(x6)"],
    &["fence rw,rw", "amocas.w.aqrl x5,x0,(x6)"],
];

/// What stands in a hart: `None` for the sequence, else whether an access stores, and where.
type Step = Option<(bool, usize)>;

/// Every way to spread so many accesses over the sequence's hart and others.
fn contexts(accesses: usize) -> Vec<Vec<Vec<Step>>> {
    let mut all = vec![vec![vec![None]]];
    for _ in 0..accesses {
        let mut next = BTreeSet::new();
        for harts in &all {
            for access in [(false, 0), (false, 1), (true, 0), (true, 1)] {
                for (hart, steps) in harts.iter().enumerate() {
                    let places =
                        if hart == 0 { 0..=steps.len() } else { steps.len()..=steps.len() };
                    for place in places {
                        let mut harts = harts.clone();
                        harts[hart].insert(place, Some(access));
                        harts[1..].sort();
                        next.insert(harts);
                    }
                }
                let mut harts = harts.clone();
                harts.push(vec![Some(access)]);
                harts[1..].sort();
                next.insert(harts);
            }
        }
        all.extend(next);
        all.sort();
        all.dedup();
    }
    all
}

/// The text of a sequence in a context, and the first cell of the sequence.
fn written(sequence: &[&str], harts: &[Vec<Step>], fenced: bool) -> (String, usize) {
    let mut init = String::new();
    let mut observed = String::from("x; y; 0:x5; 0:x8; 0:x9; 0:x11; ");
    let (mut columns, mut first, mut value) = (Vec::new(), 0, 1);
    for (hart, steps) in harts.iter().enumerate() {
        let _ = write!(init, "{hart}:x5=1; {hart}:x6=x; {hart}:x7=y; ");
        let (mut code, mut register) = (Vec::new(), 12);
        for step in steps {
            if hart > 0 && fenced && !code.is_empty() {
                code.push("fence rw,rw".to_owned());
            }
            let Some((stores, location)) = step else {
                first = code.len();
                code.extend(sequence.iter().map(|line| (*line).to_owned()));
                continue;
            };
            let address = 6 + location;
            if *stores {
                value += 1;
                let _ = write!(init, "{hart}:x{register}={value}; ");
                code.push(format!("sw x{register},0(x{address})"));
            } else {
                let _ = write!(observed, "{hart}:x{register}; ");
                code.push(format!("lw x{register},0(x{address})"));
            }
            register += 1;
        }
        columns.push(code);
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let heads: Vec<String> = (0..columns.len()).map(|hart| format!("P{hart}")).collect();
    let mut text = format!("RISCV brute\n{{ {init} }}\n {} ;\n", heads.join(" | "));
    for row in 0..rows {
        let cell = |column: &Vec<String>| column.get(row).cloned().unwrap_or_default();
        let cells: Vec<String> = columns.iter().map(cell).collect();
        let _ = writeln!(text, " {} ;", cells.join(" | "));
    }
    let _ = writeln!(text, "locations [{observed}]\nexists (true)");
    (text, first)
}

fn states(session: &Session, machine: &Machine, read: &ReadTest, form: Test) -> BTreeSet<String> {
    let form = ReadTest { test: form, ..read.clone() };
    let machines = std::slice::from_ref(machine);
    let answer = session.answer(&form, machines, &Unwatched).expect("an answer");
    let row = |row| {
        let values = answer.states.row(row).map(|value| value.text(&answer.symbols));
        values.collect::<Vec<_>>().join(" ")
    };
    answer.found(0).expect("states").rows().map(row).collect()
}

/// The forms of each site that have the same states as the whole in all contexts.
fn brute_force(
    session: &Session,
    machine: &Machine,
    sequence: &[&str],
    accesses: usize,
) -> Vec<BTreeSet<Parts>> {
    let mut left: Vec<BTreeSet<Parts>> = Vec::new();
    for harts in contexts(accesses) {
        let long = harts[1..].iter().any(|hart| hart.len() > 1);
        for fenced in if long { [false, true].as_slice() } else { &[false] } {
            let (text, first) = written(sequence, &harts, *fenced);
            let read = session.read(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            let cells = first..first + sequence.len();
            let own = |site: &Site| site.hart == HartId(0) && cells.contains(&site.cell);
            let sites: Vec<Site> = present(&read.test).into_iter().filter(own).collect();
            if left.is_empty() {
                left = sites.iter().map(|site| forms(site, &read.test)).collect();
            }
            if left.iter().all(|forms| forms.len() == 1) {
                return left;
            }
            let whole = states(session, machine, &read, read.test.clone());
            for (number, forms) in left.iter_mut().enumerate() {
                forms.retain(|parts| {
                    let mut choice: Vec<Parts> = sites.iter().map(|site| site.parts).collect();
                    choice[number] = *parts;
                    let form = with(&read.test, &sites, &choice);
                    *parts == sites[number].parts || states(session, machine, &read, form) == whole
                });
            }
        }
    }
    left
}

fn forms(site: &Site, test: &Test) -> BTreeSet<Parts> {
    let parts = (0..=255).map(Parts).filter(|parts| site.parts.has(*parts));
    parts.filter(|parts| site.closed(test, *parts) == *parts).collect()
}

#[test]
fn brute_force_over_contexts_says_the_same() {
    let accesses =
        std::env::var("RVLITMUS_CONTEXTS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let settings = Session::default().settings().clone();
    let session = Session::new(Settings { remember: false, ..settings });
    let alphabet: Alphabet = "load,store".parse().expect("an alphabet");
    let counts =
        SEQUENCES.par_iter().map(|sequence| compare(&session, &alphabet, sequence, accesses));
    let (idle, needed) = counts.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    assert!(needed > 10 && idle > 5, "{needed} {idle}");
}

/// Compares the advice on a sequence under each model; says how many sites do nothing, and how many something.
fn compare(
    session: &Session,
    alphabet: &Alphabet,
    sequence: &[&str],
    accesses: usize,
) -> (usize, usize) {
    let question = Question { most: 1000, ..Question::default() };
    let (mut needed, mut idle) = (0, 0);
    let (text, _) = written(sequence, &[vec![None]], false);
    let test = session.read(&text).expect("a sequence");
    for machine in session.machines(&test).expect("two models") {
        let test = (&test, text.as_str());
        let contexts = (accesses, alphabet);
        let advice = advise_in_contexts(session, test, &machine, &question, contexts, &Unwatched)
            .expect("advice");
        let expected = brute_force(session, &machine, sequence, accesses);
        assert_eq!(advice.present.len(), expected.len(), "{sequence:?}");
        let sites = present(&test.0.test);
        for ((said, left), site) in advice.present.iter().zip(&expected).zip(&sites) {
            let about = format!("{sequence:?} {} {}: {left:?}", machine.id, said.text);
            let below = |it: &Parts| left.iter().any(|other| other != it && it.has(*other));
            let least = left.iter().filter(|parts| !below(parts));
            let least: BTreeSet<Option<String>> =
                least.map(|parts| site.text(&test.0.test, *parts)).collect();
            match &said.use_ {
                Use::Nothing => assert!(left.contains(&Parts::default()), "{about}"),
                Use::Weaker(weaker, _) => {
                    let weaker = weaker.iter().cloned().map(Some).collect();
                    assert_eq!(least, weaker, "{about}");
                }
                Use::Needed(Lost::State { context, .. }) => {
                    assert!(left.len() == 1 && context.is_some(), "{about}");
                }
                Use::Needed(Lost::Fault(fault)) => panic!("{about}: {fault}"),
            }
            match said.use_ {
                Use::Nothing => idle += 1,
                _ => needed += 1,
            }
        }
    }
    (idle, needed)
}

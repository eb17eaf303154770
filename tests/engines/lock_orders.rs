//! Locks without any order get back orders that are no stronger than those of verified libraries.
//!
//! The published orders are those of libvsync (`include/vsync/spinlock/`: `ticketlock.h`, `ttaslock.h`,
//! `caslock.h`, `mcslock.h`), which were optimised and verified with weak memory models: Oberhauser and others,
//! "VSync: push-button verification and optimization for synchronization primitives on weak memory models",
//! ASPLOS 2021.

use std::path::Path;

use rvlitmus_core::advise::{Forbid, MayAdd, Question, Ways, advise};
use rvlitmus_core::session::{Engine, Session, Settings, Unwatched};

/// A lock, and its instructions that are to order something, as published.
const LOCKS: [(&str, &[&str]); 4] = [
    ("ticket-lock-relaxed", &["lw.aq x8,(x12)", "sw.rl x8,(x12)"]),
    ("ttas-lock-relaxed", &["amoswap.w.aq x7,x5,(x11)", "sw.rl x0,(x11)"]),
    ("cas-lock-relaxed", &["amocas.w.aq x7,x5,(x11)", "sw.rl x0,(x11)"]),
    (
        "mcs-lock-relaxed",
        &[
            // The library asks for a sequentially consistent exchange, which is both.
            "amoswap.d.aq x7,x12,(x11)",
            "amoswap.d.rl x7,x12,(x11)",
            "amoswap.d.aqrl x7,x12,(x11)",
            "sd.rl x12,(x7)",
            "ld.aq x8,(x9)",
            "amocas.d.rl x7,x0,(x11)",
            "ld.aq x8,(x12)",
            "sd.rl x0,(x8)",
        ],
    ),
];

#[test]
fn locks_get_back_no_more_than_the_published_orders() {
    let session = Session::default();
    let axiomatic =
        Session::new(Settings { engine: Engine::Axiomatic, ..session.settings().clone() });
    let question = Question {
        may: MayAdd { annotations: true, zalasr: true, ..MayAdd::default() },
        ..Question::default()
    };
    for (name, published) in LOCKS {
        let path = format!("{}/litmus/locks/{name}.litmus", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(Path::new(&path)).expect("a lock");
        let test = session.read(&text).expect("a test");
        let machines = session.machines(&test).expect("two models");
        let [rvwmo, ztso] = machines.as_slice() else { panic!("two models") };
        let advice = |machine| advise(&session, &test, machine, &question, &Unwatched);
        assert_eq!(advice(ztso).expect("advice").forbid, Forbid::Forbidden, "{name}");
        let Forbid::Ways(Ways { ways, .. }) = advice(rvwmo).expect("advice").forbid else {
            panic!("{name} is wrong as it is")
        };
        let [way] = ways.as_slice() else { panic!("{name}: the cheapest way") };
        assert!(!way.changes.is_empty());
        for change in &way.changes {
            let new = change.to.as_deref().unwrap_or_default();
            assert!(published.contains(&new), "{name}: {new}");
        }
        // The other engine says so, too.
        let read = axiomatic.read(&way.test.to_string()).expect("the advised test");
        let answer = axiomatic.answer(&read, std::slice::from_ref(rvwmo), &Unwatched);
        let answer = answer.expect("an answer");
        let found = answer.found(0).expect("states");
        assert!(found.rows().count() > 0, "{name}");
        assert!(found.rows().all(|row| !answer.states.satisfies(row)), "{name}");
    }
}

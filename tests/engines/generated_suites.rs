//! Both engines on complete suites of generated tests: every minimal test of these alphabets, besides random
//! programs.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;
use rvlitmus_core::answer::Status;
use rvlitmus_core::model::{BaseModel, Model};
use rvlitmus_core::session::{Engine, Session, Settings, Unwatched};
use rvlitmus_generate::{Mode, Request, Synthesised, synthesise};

fn suite(models: &str, operations: usize, alphabet: &str, mode: Mode) -> Vec<Synthesised> {
    let request = Request {
        models: models.split(',').map(|name| name.parse().expect("a model")).collect(),
        operations,
        harts: operations,
        alphabet: alphabet.parse().expect("an alphabet"),
        mode,
    };
    synthesise(&request, &AtomicBool::new(false)).expect("nobody stops it")
}

#[test]
fn the_engines_agree_on_complete_suites() {
    let suites = [
        suite("ztso,rvwmo", 6, "load,store,fence.w.r,amo", Mode::Minimal),
        suite("ztso,rvwmo", 4, "all", Mode::Minimal),
        suite("rvwmo,rvwmo-r4", 6, "load,store,fence.r.rw,fence.w.w", Mode::Minimal),
        suite("rvwmo,rvwmo-r9", 5, "load,store,fence.w.w,deps", Mode::Minimal),
        suite("rvwmo,rvwmo-r12", 6, "load,store,fence.w.w,deps", Mode::Minimal),
        suite("rvwmo,rvwmo-r7", 6, "load,store,zalasr", Mode::Minimal),
        suite("rvwmo,rvwmo-atomicity", 4, "load,store,lrsc", Mode::Minimal),
        suite("ztso,sc", 6, "load,store,fence.w.r", Mode::Minimal),
        suite("ztso", 6, "load,store,fence.rw.rw,amo", Mode::Forbid),
    ];
    let models = BaseModel::ALL.map(Model::of).to_vec();
    let session = Session::new(Settings { models, engine: Engine::Both, ..Settings::default() });
    let tests: Vec<&Synthesised> = suites.iter().flatten().collect();
    assert!(suites.iter().all(|suite| !suite.is_empty()) && tests.len() > 200, "{}", tests.len());
    tests.par_iter().for_each(|made| {
        let test = session.read(&made.text).unwrap_or_else(|e| panic!("{e}\n{}", made.text));
        let machines = session.machines(&test).expect("the test asks for nothing else");
        let answer = session.answer(&test, &machines, &Unwatched).expect("it links");
        assert_eq!(answer.status(), Status::Complete, "{}\n{:?}", made.text, answer.machines);
    });
}

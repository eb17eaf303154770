//! What the page asks for, and what it is told.

use rvlitmus_core::advise::{MayAdd, Question};
use rvlitmus_core::arch::Architecture;
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::model::{Model, Options};
use rvlitmus_core::session::{Session, Settings};
use rvlitmus_onereg::HartEdits;
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::Reply;
use crate::report::html::{STYLE, VIEW, executions_shown, test_shown};
use crate::report::{AdvisedTestRecord, harmless};
use crate::results::TestReport;
use crate::run::{
    AdviceRequest, Origin, Setup, Source, VmChoice, advise_text, executions, run_text,
};

/// Most machines of a request, beside one that is described hart by hart.
const MOST_MODELS: usize = 8;
/// Furthest that loops are followed.
const MOST_UNROLL: u32 = 64;
/// Most ways of ordering that are looked for.
const MOST_WAYS: usize = 3;

/// What the page asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a question about a test")]
struct Asked {
    /// The text of the test.
    test: String,
    /// Names of models.
    models: Vec<String>,
    /// Harts one by one, as `run --hart` has them; empty for none.
    #[serde(default)]
    harts: String,
    /// How often a backward jump is followed.
    unroll: Option<Value>,
    /// Are the harts' registers those of RV32?
    #[serde(default)]
    rv32: bool,
    /// The states that are asked about, as a proposition; the test's condition without one.
    about: Option<String>,
}

/// Why a request is not understood.
#[derive(Debug, thiserror::Error)]
enum Misunderstood {
    #[error("the request is not understood: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Model(#[from] rvlitmus_core::model::ModelError),
    #[error("harts: {0}")]
    Harts(#[from] rvlitmus_onereg::EditError),
    #[error("name one to {MOST_MODELS} models")]
    Models,
    #[error("`unroll` is no number from 0 to {MOST_UNROLL}")]
    Unroll,
    #[error("the test has no executions that could be looked at within the limits")]
    NoExecutions,
    #[error("{0}")]
    NoAdvice(String),
}

/// Answers a question with this body, on such machines.
pub(super) type Answering = fn(&[u8], Setup) -> Reply;

/// The question of a path.
pub(super) fn question(path: &str) -> Option<Answering> {
    Some(match path {
        "/api/answer" => |body, setup| replied(answer(body, setup)),
        "/api/executions" => |body, setup| replied(executions_of(body, setup)),
        "/api/advice" => |body, setup| replied(advice(body, setup)),
        _ => return None,
    })
}

/// The part of the page of a path.
pub(super) fn asset(path: &str) -> Option<Reply> {
    let (kind, text) = match path {
        "/" => ("text/html", include_str!("assets/page.html")),
        "/style.css" => ("text/css", STYLE),
        "/page.css" => ("text/css", include_str!("assets/page.css")),
        "/view.js" => ("text/javascript", VIEW),
        "/page.js" => ("text/javascript", include_str!("assets/page.js")),
        "/editor.js" => ("text/javascript", include_str!("assets/editor.js")),
        _ => return None,
    };
    Some(Reply::asset(kind, text))
}

fn replied(answer: Result<Vec<u8>, Misunderstood>) -> Reply {
    match answer {
        Ok(json) => Reply::json(json),
        Err(why) => Reply::error(400, &why.to_string()),
    }
}

/// The request, the models that it names, and what tests are run with for it.
fn asked(body: &[u8], setup: Setup) -> Result<(Asked, Vec<Model>, Setup), Misunderstood> {
    let asked: Asked = serde_json::from_slice(body)?;
    let harts = asked.harts.trim();
    if asked.models.is_empty() && harts.is_empty() || asked.models.len() > MOST_MODELS {
        return Err(Misunderstood::Models);
    }
    let mut models: Vec<Model> = Vec::new();
    for name in &asked.models {
        let model = name.parse()?;
        if !models.contains(&model) {
            models.push(model);
        }
    }
    let settings = setup.session.settings();
    // A test has the models of its own architecture, and where none is named those that it always has.
    let of = |architecture, usual: &[Model]| {
        let named = models.iter().filter(|model| model.base().is_of(architecture));
        let named: Vec<Model> = named.cloned().collect();
        if named.is_empty() { usual.to_vec() } else { named }
    };
    let x86_models = of(Architecture::X86, &settings.x86_models);
    // Harts that are described are a machine of RISC-V, which needs no other beside it.
    let usual = if harts.is_empty() { &settings.models[..] } else { &[] };
    let riscv_models = of(Architecture::Riscv, usual);
    let unroll = match &asked.unroll {
        None => settings.options.unroll,
        Some(asked) => asked
            .as_u64()
            .and_then(|unroll| u32::try_from(unroll).ok())
            .filter(|unroll| *unroll <= MOST_UNROLL)
            .ok_or(Misunderstood::Unroll)?,
    };
    let mut hart = settings.hart;
    if asked.rv32 {
        hart.base = Base::Rv32;
    }
    let options = Options { unroll, ..settings.options };
    // A request has a thread of its own, and no more.
    let settings = Settings {
        models: riscv_models,
        x86_models,
        hart,
        options,
        explain: true,
        parallel: false,
        ..settings.clone()
    };
    let vm = match harts {
        "" => VmChoice::OfTest,
        harts => VmChoice::Harts(harts.parse::<HartEdits>()?),
    };
    let setup = Setup { session: Session::new(settings), vm, details: true, ..setup };
    Ok((asked, models, setup))
}

/// Which of the models that were asked for a test cannot be run under, as they are of another architecture.
fn passed_over(asked: &[Model], report: &TestReport) -> Option<String> {
    let answered: Vec<&str> = report.answer()?.machines.iter().map(|m| &*m.id).collect();
    let unfit: Vec<&Model> =
        asked.iter().filter(|model| !answered.contains(&&**model.name())).collect();
    let other = unfit.first()?.base().is_of(Architecture::Riscv);
    let architecture = if other { "x86" } else { "RISC-V" };
    let unfit: Vec<&str> = unfit.iter().map(|model| &**model.name()).collect();
    let (unfit, answered) = (unfit.join(" and "), answered.join(" and "));
    Some(format!(
        "tests of {architecture} are not run under {unfit}: this one is answered under {answered}"
    ))
}

/// Where tests of the page come from.
fn source() -> Source {
    Source { origin: Origin::Stdin, shown: "test.litmus".to_owned() }
}

/// The result of a test with its executions.
fn answer(body: &[u8], setup: Setup) -> Result<Vec<u8>, Misunderstood> {
    let (asked, models, setup) = asked(body, setup)?;
    let mut report = run_text(&source(), &asked.test, &setup).report;
    report.warnings.extend(passed_over(&models, &report));
    Ok(test_shown(report))
}

/// The executions of a state.
fn executions_of(body: &[u8], setup: Setup) -> Result<Vec<u8>, Misunderstood> {
    let (asked, _, setup) = asked(body, setup)?;
    let about = asked.about.as_deref().unwrap_or("true");
    let (name, found) =
        executions(&asked.test, &setup, about, 1).ok_or(Misunderstood::NoExecutions)?;
    Ok(json!({ "executions": executions_shown(&name, &found) }).to_string().into_bytes())
}

/// Which fence.
fn advice(body: &[u8], setup: Setup) -> Result<Vec<u8>, Misunderstood> {
    let (asked, _, setup) = asked(body, setup)?;
    let question = Question {
        may: MayAdd { fences: true, annotations: true, ..MayAdd::default() },
        most: MOST_WAYS,
        ..Question::default()
    };
    let request = AdviceRequest { question, forbid: asked.about, contexts: None };
    let advised = advise_text(&source(), &asked.test, &setup, &request);
    let advised = advised.map_err(|none| Misunderstood::NoAdvice(none.failure.error.told()))?;
    let record = AdvisedTestRecord::new("test.litmus", &advised);
    Ok(harmless(&serde_json::to_string(&record)?).into_bytes())
}

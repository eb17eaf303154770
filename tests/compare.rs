//! Our results beside the public logs of herd7 and of hardware.

mod support;

use serde_json::Value;
use support::binary::rvlitmus;
use support::corpus::shared;

fn compare(arguments: &[&str]) -> (i32, Value) {
    let mut command = rvlitmus();
    let output =
        command.args(["compare", "--format", "json"]).args(arguments).output().expect("it runs");
    let code = output.status.code().expect("no signal");
    (code, serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn the_public_logs_agree_with_our_own_runs() {
    let Some(shared) = shared() else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let report = dir.path().join("report.jsonl").to_string_lossy().into_owned();
    let corpus = shared.join("corpus/riscv");
    let mut run = rvlitmus();
    run.args(["run", "--format", "jsonl", "-o", &report]).arg(&corpus);
    // One test of the corpus names a label that it does not define.
    run.assert().code(2);
    let log = |name: &str| shared.join("corpus/logs").join(name).to_string_lossy().into_owned();

    for model in ["rvwmo", "ztso"] {
        let name = format!("herd7-{model}.log");
        let (code, found) = compare(&["--model", model, &report, &log(&name)]);
        assert_eq!((code, &found["equal"]), (0, &178.into()), "{name}: {}", found["different"]);
    }
    let (code, found) = compare(&["--model", "rvwmo", &report, &log("herd7-ztso.log")]);
    assert_eq!(code, 1, "RVWMO is not Ztso: {found}");

    for model in ["rvwmo", "ztso"] {
        let hardware = log("hardware-u540.log");
        let (code, found) = compare(&["--model", model, &hardware, &report]);
        let different = found["different"].as_array().expect("a list");
        let contradictions = different.iter().filter(|test| test["why"] != "other-test").count();
        assert_eq!((code, contradictions), (0, 0), "{model}: {different:?}");
        let tests = found["equal"].as_u64().unwrap() + found["unseen_only"].as_u64().unwrap();
        assert!(tests > 2700, "{model}: only {tests} tests were compared");
        assert!(found["unseen_states"].as_u64().unwrap() > 5000);
    }
}

#[test]
fn a_state_that_the_model_forbids_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let board = write(
        "board.log",
        "Test MP Allow\nHistogram (2 states)\n7     :>1:a0=0x1; x=0;\n1     *>1:a0=2; x=0;\nOk\nWitnesses\n",
    );
    let model = write("herd.log", "Test MP Allowed\nStates 1\n1:x10=1; [x]=0;\nNo\nWitnesses\n");
    let mut command = rvlitmus();
    let output = command.args(["compare", &board, &model]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains(&format!("seen and forbidden in {board}: 1:x10=2; [x]=0;")), "{text}");
}

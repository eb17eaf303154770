//! What is written is what the records say.

use super::*;
use crate::report::read_line;
use crate::report::record::TestRecord;
use crate::results::{Details, DrawnExecution};
use rvlitmus_core::answer::{
    Argument, ConditionText, Extent, MachineAnswer, Stats, Status, Symbols, Unsorted, Value,
};
use rvlitmus_core::axiomatic::evidence::EdgeKind;
use rvlitmus_core::axiomatic::picture::{Arrow, ArrowKind, Event, HartColumn, Picture, Position};
use rvlitmus_core::litmus::{CType, HartId, Metadata, Quantifier};
use rvlitmus_core::model::BaseModel;

fn answer() -> Answer {
    let mut symbols = Symbols::default();
    let mut states = Unsorted::new(3);
    for (machine, rows) in [(0, &[[0, 0], [1, -1], [1, 14]][..]), (1, &[[0, 0], [1, 14]])] {
        for [a, b] in rows {
            let x = Value::Symbol(symbols.intern("x+4"));
            states.push(machine, [Value::Signed(*a), Value::number(*b as u64, false), x], *a == 1);
        }
    }
    let cut = vec![
        CutLoop { line: 7, column: 2, hart: Some(HartId(0)), label: None },
        CutLoop { line: 9, column: 1, hart: None, label: Some("spin".into()) },
    ];
    let mistake = |line, help: Option<&str>| Mistake {
        line,
        column: 3,
        message: "unknown instruction `lwx`".into(),
        help: help.map(Into::into),
    };
    let failure = Failure {
        status: Status::InternalError,
        error: mistake(4, Some("did you mean `lw`?")),
        also: vec![mistake(5, None)],
        test: Some("RISCV \"t\"\n".into()),
    };
    let machines = [
        ("rvwmo-r9", Extent::Bounded(cut)),
        ("vm", Extent::Complete),
        ("sc", Extent::Failed(failure)),
    ];
    let machines = machines.map(|(id, extent)| MachineAnswer {
        id: id.into(),
        extent,
        told_apart: match id {
            "vm" => ToldApart::ByFingerprints,
            _ => ToldApart::Exactly,
        },
        stats: Stats { work: 12, microseconds: (id == "vm").then_some(345), ..Stats::default() },
    });
    let states = states.sorted(machines.len(), &symbols);
    let mut differences = Difference::all(&machines, &states);
    let step =
        Step { rule: "ztso-amo".into(), also: vec!["r1".into()], orders: "\"a\" \\ b".into() };
    let argument = Argument { line: "ztso-amo; fr".into(), steps: vec![step] };
    differences[0].states[0].argument = Some(argument);
    Answer {
        condition: Some(ConditionText {
            quantifier: Quantifier::NotExists,
            proposition: "(0:x5=0 /\\ [x]=x+4)".into(),
        }),
        places: ["0:x5", "[location_of_a_long_name]", "y[1]"].into_iter().collect(),
        types: vec![None, Some(CType::Uint8), Some(CType::Int64)],
        symbols,
        states,
        machines: machines.into(),
        differences,
        warnings: Vec::new(),
    }
}

fn details() -> Details {
    let event = |instruction: &str, number| Event {
        instruction: instruction.to_owned(),
        effect: "[x]=1".to_owned(),
        number,
        violates: number.is_none().then_some("sc-failure".into()),
    };
    let events = vec![event("7 sw x5,0(x6)", Some(1)), event("8 \u{1b}sc", None)];
    let arrow = |kind| Arrow {
        from: Position { hart: 0, row: 0 },
        to: Position { hart: 0, row: 1 },
        kind,
        label: vec!["r1".to_owned()],
        wrong: kind == ArrowKind::Violation,
    };
    let kinds = [EdgeKind::Ppo, EdgeKind::Rf, EdgeKind::Co, EdgeKind::Fr, EdgeKind::Atomicity];
    let kinds = kinds.map(ArrowKind::Relation).into_iter().chain([ArrowKind::Violation]);
    let harts = vec![HartColumn { heading: "P0".to_owned(), events }];
    let step = Step { rule: "r1".into(), also: vec!["r2".into()], orders: "a -> b".into() };
    Details {
        text: "RISCV \u{1b}t\n</script>".to_owned(),
        executions: vec![DrawnExecution {
            values: vec![("0:x5".to_owned(), "1".to_owned())],
            machine: "vm".into(),
            allowed: false,
            because: vec![step],
            picture: Picture { harts, arrows: kinds.map(arrow).collect() },
        }],
    }
}

fn report(conclusion: Conclusion) -> TestReport {
    TestReport {
        path: "dir/a b\n\r\u{1}\u{8}\u{c}\u{7f}ü.litmus".into(),
        index: Some(17),
        name: "MP+\t".into(),
        description: Some("Rfe \"PodRR\" Fre".into()),
        metadata: [("Com", "Rf Fr"), ("Relax", "")].into_iter().collect(),
        hash: Some("10406ef2630808830eaa9112127f6ce1".into()),
        other_hashes: vec!["237d6ab8b732a92bf6dfa4b0a4350b8e".into()],
        fingerprint: Some(crate::results::Fingerprint::default().and(b"text")),
        described: match conclusion {
            Conclusion::Failed(_) => Vec::new(),
            Conclusion::Answered(_) => vec![DescribedMachine {
                id: "vm".into(),
                harts: vec![BaseModel::Ztso, BaseModel::Rvwmo],
                requests: Vec::new(),
            }],
        },
        warnings: vec!["Look at it.".to_owned()],
        conclusion,
        details: Some(Box::new(details())),
    }
}

#[test]
fn what_is_written_are_the_records_that_are_documented() {
    let answer = answer();
    let failure = answer.machines[2].extent.failure().unwrap().clone();
    for report in [report(Conclusion::Answered(answer)), report(Conclusion::Failed(failure))] {
        let line = String::from_utf8(json_line(&report)).unwrap();
        let record: TestRecord = serde_json::from_str(&line).unwrap();
        assert_eq!(harmless(&serde_json::to_string(&record).unwrap()) + "\n", line);
        assert_eq!(read_line(&line, 1).unwrap(), report);
    }
}

#[test]
fn a_repeated_key_is_written_once() {
    let metadata: Metadata = [("A", "1"), ("B", "2"), ("A", "3")].into_iter().collect();
    let failure = Failure::new(Status::Timeout, Mistake::of_file("late".into()));
    let report = TestReport { metadata, ..report(Conclusion::Failed(failure)) };
    let line = String::from_utf8(json_line(&report)).unwrap();
    assert!(line.contains(r#""metadata":{"A":"1","B":"2"}"#), "{line}");
}

#[test]
fn strings_are_escaped_wherever_it_is_needed() {
    for length in 0..20 {
        let plain: String = "aä~\u{7f}😀[]{}:,01".chars().cycle().take(length).collect();
        for escaped in
            ["", "\"", "\\", "\0", "\u{1f}", "\n\r\t\u{8}\u{c}", "\u{9b}", "\u{202e}", "\u{2028}"]
        {
            for at in (0..=plain.len()).filter(|at| plain.is_char_boundary(*at)) {
                let text = [&plain[..at], escaped, &plain[at..]].concat();
                let mut out = Vec::new();
                string(&text, &mut out);
                let read: String = serde_json::from_slice(&out).unwrap();
                assert_eq!(read, text);
                let out = String::from_utf8(out).unwrap();
                assert!(!out.contains(is_obeyed), "{out:?}");
                assert_eq!(harmless(&serde_json::to_string(&text).unwrap()), out);
            }
        }
    }
}

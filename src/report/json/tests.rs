//! What is written by hand is what serde would write.

use super::*;
use crate::report::{TestRecord, read_line};
use rvlitmus_core::answer::{
    ConditionText, CutLoop, Fingerprint, Observation, PlaceNames, Reason, Stats, Status, Unsorted,
};
use rvlitmus_core::litmus::{CType, HartId};

fn model(model: Column, rows: &[[i64; 2]], symbols: &mut Symbols) -> ModelReport {
    let mut states = Unsorted::new(3);
    for [a, b] in rows {
        let x = Value::Symbol(symbols.intern("x+4"));
        states.push([Value::Signed(*a), Value::number(*b as u64, false), x], *a == 1);
    }
    let states = states.sorted(symbols);
    ModelReport {
        model,
        observation: Observation::of(&states, Status::Bounded),
        holds: if rows.len() > 2 { Holds::Yes } else { Holds::Unknown },
        states,
        stats: Stats { work: 12, microseconds: (rows.len() > 2).then_some(345) },
    }
}

fn answered() -> TestReport {
    let mut symbols = Symbols::default();
    let rvwmo = model(Column::Rvwmo, &[[0, 0], [1, -1], [1, 4]], &mut symbols);
    let ztso = model(Column::Ztso, &[[0, 0], [1, 4]], &mut symbols);
    let reason =
        Reason { rule: "ztso-amo".into(), also: vec!["r1".into()], orders: "\"a\" \\ b".into() };
    TestReport {
        path: "dir/a b\n\u{1}\u{7f}ü.litmus".into(),
        name: "MP+\t".into(),
        description: Some("Rfe \"PodRR\" Fre".into()),
        metadata: [("Com", "Rf Fr"), ("Relax", "")].into_iter().collect(),
        hash: Some("10406ef2630808830eaa9112127f6ce1".into()),
        fingerprint: Some(Fingerprint::default().and(b"text")),
        conclusion: Conclusion::Answered(Answer {
            condition: Some(ConditionText {
                quantifier: Quantifier::NotExists,
                proposition: "(0:x5=0 /\\ [x]=x+4)".into(),
            }),
            places: ["0:x5", "[location_of_a_long_name]", "y[1]"].into_iter().collect(),
            types: vec![None, Some(CType::Uint8), Some(CType::Int64)],
            symbols,
            models: vec![rvwmo, ztso],
            vm: Some(VmReport {
                harts: vec![rvlitmus_core::model::BaseModel::Ztso],
                requests: Vec::new(),
            }),
            forbidden_by_ztso: Some(vec![Forbidden {
                row: 2,
                argument: Some("ztso-amo; fr".into()),
                because: vec![reason],
            }]),
            cut: vec![
                CutLoop { line: 7, column: 2, hart: Some(HartId(0)), label: None },
                CutLoop { line: 9, column: 1, hart: None, label: Some("spin".into()) },
            ],
        }),
    }
}

fn failed() -> TestReport {
    let mistake = |line, help: Option<&str>| Mistake {
        line,
        column: 3,
        message: "unknown instruction `lwx`".into(),
        help: help.map(Into::into),
    };
    TestReport {
        metadata: Metadata::default(),
        description: None,
        hash: None,
        fingerprint: None,
        conclusion: Conclusion::Failed(Failure {
            status: Status::ParseError,
            error: mistake(4, Some("did you mean `lw`?")),
            also: vec![mistake(5, None)],
            test: Some("RISCV \"t\"\n".into()),
        }),
        ..answered()
    }
}

#[test]
fn the_bytes_are_those_that_serde_makes_of_the_documented_types() {
    let mut empty = answered();
    if let Conclusion::Answered(answer) = &mut empty.conclusion {
        answer.places = PlaceNames::default();
        answer.types.clear();
        answer.cut.clear();
        answer.condition = None;
        answer.symbols = Symbols::default();
        answer.forbidden_by_ztso = Some(Vec::new());
        for model in &mut answer.models {
            let mut states = Unsorted::new(0);
            states.push([], true);
            model.states = states.sorted(&Symbols::default());
        }
    }
    for report in [answered(), failed(), empty] {
        let mut line = String::from_utf8(json_line(&report)).unwrap();
        assert_eq!(line.pop(), Some('\n'));
        let mut text = Vec::new();
        let mut out = Out::to(&mut text);
        write_test(&report, &mut out);
        out.finish().unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, line);
        let record: TestRecord = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&record).unwrap(), text);
        assert_eq!(read_line(&text, 1).unwrap(), report);
    }
}

#[test]
fn a_repeated_key_is_written_once() {
    let mut out = Vec::new();
    metadata(&[("A", "1"), ("B", "2"), ("A", "3")].into_iter().collect(), &mut out);
    assert_eq!(out, br#","metadata":{"A":"1","B":"2"}"#);
}

//! Every format over the whole public corpus, each checked by a reader that is not ours where there is
//! one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::binary::run;
use crate::support::corpus::shared;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use rvlitmus::compare::foreign::{ToolAnswer, compare, read_log, results_on};
use rvlitmus::report::{read_report, schema};
use rvlitmus::results::TestReport;
use rvlitmus_core::answer::Status;
use serde_json::Value;

/// The number of tests of the corpus, one of which names a label that it does not define.
const TESTS: usize = 6475;

fn corpus() -> Option<std::path::PathBuf> {
    shared().map(|shared| shared.join("corpus/riscv")).filter(|corpus| corpus.is_dir())
}

fn out(corpus: &Path, options: &[&str]) -> String {
    let ran = run(corpus, &[&["run", "--explain=never", "."], options].concat());
    assert_eq!(ran.code, 2, "{}", ran.err);
    ran.out
}

fn reports(corpus: &Path) -> Vec<TestReport> {
    read_report(&out(corpus, &["-f", "jsonl"])).expect("a report").tests
}

#[test]
fn json_and_jsonl_fit_the_schema_and_say_the_same() {
    let Some(corpus) = corpus() else { return };
    let validator = jsonschema::validator_for(&schema()).expect("a schema");
    let whole: Value = serde_json::from_str(&out(&corpus, &["-f", "json"])).expect("JSON");
    let lines = out(&corpus, &["-f", "jsonl"]);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let lines: Vec<Value> = lines.collect();
    for value in lines.iter().chain([&whole]) {
        assert!(validator.is_valid(value), "{:?}", validator.validate(value).unwrap_err());
    }
    assert_eq!(lines.len(), TESTS);
    assert!(whole["tests"] == Value::Array(lines));
}

#[test]
fn junit_has_a_case_for_each_test_and_machine() {
    let Some(corpus) = corpus() else { return };
    let reports = reports(&corpus);
    let xml = out(&corpus, &["-f", "junit"]);
    let junit = Report::deserialize_from_str(&xml).expect("JUnit");
    // As the library would write the whole document, which trims what it reads.
    let trimmed = xml.replace("\n</system-out>", "</system-out>");
    assert!(junit.to_string().expect("XML") == trimmed, "the head or a suite is otherwise");
    assert_eq!(junit.test_suites.len(), reports.len());
    let (mut cases, mut errors, mut failures) = (0, 0, 0);
    for (suite, report) in junit.test_suites.iter().zip(&reports) {
        assert_eq!(suite.name.as_str(), report.path);
        let machines = report.answer().map_or(1, |answer| answer.machines.len());
        assert_eq!(suite.test_cases.len(), machines, "{}", report.path);
        assert_eq!(suite.tests, machines);
        cases += machines;
        for case in &suite.test_cases {
            match &case.status {
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. } => errors += 1,
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. } => failures += 1,
                _ => {}
            }
        }
    }
    let failed = reports.iter().filter(|report| !report.status().answered()).count();
    assert_eq!((junit.tests, junit.errors, junit.failures), (cases, errors, failures));
    assert_eq!(errors, failed);
}

/// Records of RFC 4180.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut characters = text.chars().peekable();
    let mut quoted = false;
    while let Some(character) = characters.next() {
        match (character, quoted) {
            ('"', true) if characters.peek() == Some(&'"') => field.extend(characters.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => record.push(std::mem::take(&mut field)),
            ('\n', false) => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            (other, _) => field.push(other),
        }
    }
    assert!(!quoted && field.is_empty() && record.is_empty(), "the last record is torn");
    records
}

#[test]
fn csv_has_twelve_columns_and_the_verdicts() {
    let Some(corpus) = corpus() else { return };
    let reports = reports(&corpus);
    let rows = records(&out(&corpus, &["-f", "csv"]));
    let mut rows = rows.iter();
    let head = rows.next().expect("a head");
    assert_eq!(head[..4], ["path", "name", "status", "model"]);
    for report in &reports {
        let Some(answer) = report.answer() else {
            let row = rows.next().expect("a row");
            assert_eq!((row.len(), row[2].as_str()), (12, "parse-error"));
            assert!(row[9..].iter().all(|field| !field.is_empty()), "{row:?}");
            continue;
        };
        for (index, machine) in answer.machines.iter().enumerate() {
            let row = rows.next().expect("a row");
            let states = answer.found(index).expect("an answer").len().to_string();
            let expected = [
                &report.path,
                &report.name,
                machine.extent.status().name(),
                &machine.id,
                answer.observation(index).expect("an answer").name(),
            ];
            assert_eq!((row.len(), &row[..5]), (12, &expected.map(str::to_owned)[..]));
            assert_eq!(row[6], states);
        }
    }
    assert!(rows.next().is_none());
}

#[test]
fn markdown_has_a_section_and_a_whole_table_for_each_test() {
    let Some(corpus) = corpus() else { return };
    let reports = reports(&corpus);
    let text = out(&corpus, &["-f", "markdown"]);
    let (mut headings, mut tables) = (Vec::new(), Vec::new());
    let (mut heading, mut cells) = (None::<String>, 0);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => headings.extend(heading.take()),
            Event::Text(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Start(Tag::Table(_)) => tables.push(Vec::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => cells = 0,
            Event::Start(Tag::TableCell) => cells += 1,
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                tables.last_mut().expect("a table").push(cells);
            }
            Event::Html(html) | Event::InlineHtml(html) => panic!("stray HTML: {html}"),
            _ => {}
        }
    }
    let names: Vec<&str> = reports.iter().map(|report| report.name.as_str()).collect();
    assert!(headings == names, "the headings are not the tests' names");
    let mut tables = tables.iter();
    for report in &reports {
        let Some(answer) = report.answer() else { continue };
        let table = tables.next().expect("a table");
        assert_eq!(table.len(), 1 + answer.states.len(), "{}", report.path);
        let width = answer.places.len() + 1 + answer.machines.len();
        assert!(table.iter().all(|cells| *cells == width), "{}: {table:?}", report.path);
    }
    assert!(tables.next().is_none());
    let brief = out(&corpus, &["-f", "markdown", "--brief"]);
    let rows = Parser::new_ext(&brief, Options::ENABLE_TABLES)
        .filter(|event| matches!(event, Event::Start(Tag::TableRow)));
    assert_eq!(rows.count(), TESTS);
}

#[test]
fn a_herd_log_is_read_back_with_the_same_states() {
    let Some(corpus) = corpus() else { return };
    let reports = reports(&corpus);
    for model in ["rvwmo", "ztso"] {
        let log = read_log(&out(&corpus, &["-f", "herd", "--model", model])).results;
        let found = compare(&results_on(&reports, model), &log);
        let equal = found.pairs.iter().filter(|pair| !pair.contradicts()).count();
        assert_eq!((found.pairs.len(), equal), (equal, found.pairs.len()));
        assert!(log.iter().all(|test| matches!(test.answer, ToolAnswer::States(..))));
        assert_eq!(log.len(), TESTS - 1);
        assert!(found.only_b.is_empty());
    }
}

#[test]
fn the_table_names_every_test_within_the_width() {
    let Some(corpus) = corpus() else { return };
    let reports = reports(&corpus);
    let text = out(&corpus, &["-f", "table"]);
    let mut by_status: BTreeMap<Status, usize> = BTreeMap::new();
    for report in &reports {
        *by_status.entry(report.status()).or_default() += 1;
        assert!(text.contains(&report.path), "{} is missing", report.path);
    }
    let complete = by_status[&Status::Complete];
    let summary = text.lines().find(|line| line.starts_with("6475 tests: ")).expect("a summary");
    assert!(summary.contains(&format!("{complete} complete")), "{summary}");
    // Only a word that is longer than the line passes the width: a long name, a long path.
    let long = |line: &&str| line.chars().count() > 80 && line.trim().contains("  ");
    assert_eq!(text.lines().filter(long).collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn the_published_schemas_are_current() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    for (name, arguments) in [
        ("result", &["schema"][..]),
        ("comparison", &["schema", "--comparison"]),
        ("vm", &["schema", "--vm"]),
    ] {
        let committed = fs::read_to_string(folder.join(format!("{name}.schema.json"))).unwrap();
        let printed = run(&folder, arguments).out;
        let how = format!("run `cargo run -- {} > schema/{name}.schema.json`", arguments.join(" "));
        assert!(printed == committed, "{how} and review the change");
        let schema: Value = serde_json::from_str(&committed).unwrap();
        undocumented(&schema, name);
    }
}

/// Every field of a schema has a text.
fn undocumented(schema: &Value, place: &str) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, property) in properties {
            let place = format!("{place}.{name}");
            assert!(property.get("description").is_some(), "{place} is not documented");
        }
    }
    match schema {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, inner)| undocumented(inner, &format!("{place}.{key}")));
        }
        Value::Array(items) => items.iter().for_each(|inner| undocumented(inner, place)),
        _ => {}
    }
}

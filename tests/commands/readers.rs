//! The readers of reports and of logs, given what is broken: they say so or read it, and come to an end.

use std::time::{Duration, Instant};

use crate::fuzz_readers::READERS;
use crate::support::binary::run;
use rvlitmus::compare::foreign::{compare, read_log, results_on};
use rvlitmus::compare::merge;
use rvlitmus::report::{
    About, Detail, End, Format, Renderer, Writer, json_line, read_line, read_report,
};
use rvlitmus::results::{Tally, TestReport};
use rvlitmus_core::answer::Extent;

/// Broken inputs of each kind: `RVLITMUS_GENERATED`, or else this many.
const BROKEN: u32 = 20_000;
/// No reader may take longer for an input of a few kilobytes.
const LONGEST: Duration = Duration::from_secs(2);

const LOGS: &str = "\
Test MP Allowed
States 3
1:x5=0; 1:a0=0x10; [x]=1;
1:x5=1; 1:a0=y; [x]=-1;
2     :>0:x5=0; 1:x6=P1:L0;  via \"0;0;1\"
Loop Ok
Witnesses
Positive: 1 Negative: 1
Condition exists (1:x5=1 /\\ [x]=1)
Observation MP Sometimes 1 1
Hash=10406ef2630808830eaa9112127f6ce1

Test SB+fences Forbid
Histogram (2 states)
417887300:> 0:x10=0; x=18446744073709551615;
12345678*>0:x10=1; x=2;
No
Witnesses
Positive: 0 Negative: 12348

LB allowed (1 of 4) 812ms ....... \u{1b}[93m\u{1b}[1m?\u{1b}[0m
R no executions 12........ \u{1b}[95merror\u{1b}[0m
";

/// xorshift64: the same inputs each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    /// A text with a few pieces cut, doubled, moved, or overwritten by what the formats give meaning to.
    fn broken(&mut self, text: &str) -> String {
        const PIECES: [&str; 40] = [
            "\n",
            "\r\n",
            "\0",
            "é",
            "Test ",
            "States 99999999999999999999",
            "States 3",
            "Histogram (",
            ";",
            "=",
            ">",
            ":>",
            "via ",
            "Witnesses",
            "{",
            "}",
            "[",
            "]",
            "\"",
            "\\",
            "null",
            "1e999",
            "\"values\":",
            "-9223372036854775809",
            "\u{1b}[2J",
            "\u{202e}",
            "\u{9b}",
            "\n::error::",
            "##[",
            "\\u001b",
            "\\n",
            "  ",
            "# ",
            "exists",
            "not (",
            "/\\",
            "P0:",
            "0x8030000007000034",
            "18446744073709551616",
            "[0]",
        ];
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(40)).min(bytes.len());
            match self.below(6) {
                0 => drop(bytes.drain(at..end)),
                1 => bytes.truncate(at),
                2 => {
                    let copy = bytes[at..end].to_vec();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, copy);
                }
                3 => {
                    let piece = PIECES[self.below(PIECES.len())];
                    bytes.splice(at..at, piece.bytes());
                }
                4 => {
                    let piece = PIECES[self.below(PIECES.len())];
                    bytes.splice(at..end, piece.bytes());
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << self.below(7);
                    }
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Every reader of the fuzz targets, with their seeds, each broken in its turn.
#[test]
fn every_reader_takes_broken_seeds() {
    let seeds = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds"));
    let mut random = Random(0x0dd5_eed5_1234_5677);
    let each = crate::support::runner::cases(BROKEN) as usize / READERS.len();
    for (name, reader) in READERS {
        let files = std::fs::read_dir(seeds.join(name)).expect("a folder of seeds");
        let mut files: Vec<_> = files.map(|file| file.expect("a seed").path()).collect();
        files.sort();
        let texts: Vec<String> = files
            .iter()
            .map(|file| String::from_utf8(std::fs::read(file).expect("a seed")).expect("UTF-8"))
            .collect();
        texts.iter().for_each(|text| timed(text, || reader(text.as_bytes())));
        for round in 0..each {
            let input = random.broken(&texts[round % texts.len()]);
            timed(&input, || reader(input.as_bytes()));
        }
    }
}

fn inputs() -> u32 {
    crate::support::runner::cases(BROKEN)
}

fn timed<T>(input: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(start.elapsed() < LONGEST, "it took {:?} for\n{input}", start.elapsed());
    result
}

#[test]
fn broken_logs_are_read_or_refused() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut read, mut refused) = (0, 0);
    let whole = read_log(LOGS).results;
    assert_eq!(whole.len(), 4);
    for _ in 0..inputs() {
        let input = random.broken(LOGS);
        let log = timed(&input, || read_log(&input));
        // What was read can be compared, both ways round.
        let found = (compare(&log.results, &whole), compare(&whole, &log.results));
        assert_eq!(found.0.only_a.len(), found.1.only_b.len());
        match log.unreadable.first() {
            None => read += 1,
            Some(lost) => {
                refused += 1;
                assert!(lost.line >= 1 && lost.line <= input.lines().count());
            }
        }
    }
    assert!(read > 1000 && refused > 1000, "{read} read, {refused} refused");
}

fn sample() -> String {
    let litmus = concat!(env!("CARGO_MANIFEST_DIR"), "/litmus");
    let options = ["run", "-f", "jsonl", "--explain", "--hart", "0:+ztso"];
    let mut text = run(litmus.as_ref(), &[&options[..], &["mp"]].concat()).out;
    text.truncate(text.match_indices('\n').nth(3).expect("four lines").0 + 1);
    let dir = crate::support::binary::folder(&[(
        "wrong.litmus",
        "RISCV wrong\n{ }\n P0 ;\n lwx x5 ;\n foo ;\n",
    )]);
    text + &run(dir.path(), &["run", "-f", "jsonl", "."]).out
}

/// A report may lack what was added to its format since, and have what was added later.
#[test]
fn reports_of_other_versions_are_read() {
    let line = |extra: &str, cut: &str| {
        format!(
            "{{\"schema\":\"rvlitmus/result/2\",\"path\":\"p\",\"name\":\"n\",\"status\":\"bounded\",{extra}\
             \"machines\":[{{\"id\":\"rvwmo-r9\",\"status\":\"bounded\",\"observation\":\"bounded\",\
             \"holds\":null,\"states\":[],{extra}\"cut\":[{{{cut}\"line\":3,\"column\":7}}],\
             \"stats\":{{{extra}\"work\":1}}}}]}}"
        )
    };
    let later = "\"mood\":{\"good\":[true]},";
    let known = read_line(&line("", "\"hart\":1,"), 1).expect("a line of this version");
    assert_eq!(read_line(&line(later, "\"hart\":1,"), 1).expect("a line of a later one"), known);
    let plain = read_line(&line("", ""), 1).expect("a line without a hart");
    let written = String::from_utf8(json_line(&plain)).expect("UTF-8");
    assert!(written.contains("\"cut\":[{\"line\":3,\"column\":7}]"), "{written}");
    assert_eq!(read_line(&written, 1).expect("our own line"), plain);

    let run = "{\"schema\":\"rvlitmus/result/1\",\"options\":{\"models\":[\"rvwmo\"],\"engine\":\"machine\",\
        \"zalasr\":\"rcpc\",\"sc_failure\":\"spurious\",\"reservation\":\"exact\",\"failed_cas\":\"load\",\
        \"unroll\":2,\"timeout\":null,\"memory\":64},\"tests\":[\n]}";
    let options = read_report(run).expect("an earlier version's").about.options.expect("options");
    assert_eq!((options.base.as_str(), options.misaligned_granule), ("rv64", 1));

    let other = read_line(&line("", "").replace("result/2", "result/3"), 1).expect_err("too new");
    assert_eq!(
        other.to_string(),
        "line 1: the schema is `rvlitmus/result/3`, not `rvlitmus/result/2` or `rvlitmus/result/1`"
    );
    let contradicts = line("", "").replacen("\"bounded\"", "\"complete\"", 1);
    let error = read_line(&contradicts, 1).expect_err("not the status of the machine");
    assert_eq!(error.to_string(), "line 1: `status` is not that of the machines");
}

/// A report that a program of the first version of the format wrote says what today's says of the tests.
#[test]
fn reports_of_the_first_version_are_read() {
    let first = include_str!("../files/result-1.jsonl");
    let tests = read_report(first).expect("a report").tests;
    assert_eq!(tests.len(), 5);
    let paths: Vec<&str> = tests.iter().map(|test| test.path.as_str()).collect();
    let options = ["run", "-f", "jsonl"];
    let litmus = concat!(env!("CARGO_MANIFEST_DIR"), "/litmus");
    let today = run(litmus.as_ref(), &[&options[..], &paths].concat()).out;
    let today = read_report(&today).expect("a report").tests;
    // The first was cut then, and is complete today.
    for (first, today) in tests.into_iter().zip(today).skip(1) {
        assert_eq!(essence(first), essence(today));
    }
    let none = "{\"schema\":\"rvlitmus/result/1\",\"path\":\"p\",\"name\":\"n\",\"status\":\"complete\",\
        \"models\":{\"pso\":{}}}";
    let error = read_line(none, 1).expect_err("no machine that is known here");
    assert_eq!(error.to_string(), "line 1: there is an answer on no machine that is known here");
    let lock = "{\"schema\":\"rvlitmus/result/1\",\"path\":\"p\",\"name\":\"n\",\"status\":\"complete\",\
        \"models\":{\"rvwmo\":{\"observation\":\"Never\",\"holds\":null,\"states\":[],\"stats\":{\"work\":1}}}}";
    let lock = read_line(lock, 1).expect("a test of which no execution ends");
    assert_eq!(lock.answer().expect("an answer").machines[0].extent, Extent::NoExecution);
}

/// What does not depend on the program that ran the test. Only Ztso's reasons were kept at first.
fn essence(mut report: TestReport) -> TestReport {
    report.fingerprint = None;
    // It is that of an earlier herd7.
    report.hash = None;
    report.other_hashes.clear();
    if let rvlitmus::results::Conclusion::Answered(answer) = &mut report.conclusion {
        answer.machines.iter_mut().for_each(|machine| machine.stats = Default::default());
        // The first version's reports say of RV32's registers what is said of a place without a type.
        answer.types.clear();
        let ids: Vec<_> = answer.machines.iter().map(|machine| machine.id.clone()).collect();
        for difference in &mut answer.differences {
            if (&*ids[difference.weaker], &*ids[difference.stronger]) != ("rvwmo", "ztso") {
                difference.states.iter_mut().for_each(|lacked| lacked.argument = None);
            }
        }
    }
    report
}

#[test]
fn broken_reports_are_read_or_refused() {
    let sample = sample();
    let whole = read_report(&sample).expect("a report");
    assert_eq!(whole.tests.len(), 5);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut refused) = (0, 0);
    for round in 0..inputs() {
        let input = random.broken(&sample);
        let Ok(report) = timed(&input, || read_report(&input)) else {
            refused += 1;
            continue;
        };
        read += 1;
        // What was read can be printed in every format, compared, merged, and read again.
        if round % 8 == 0 {
            print(&report.tests);
        }
        for machine in ["rvwmo", "ztso", "vm"] {
            let known = results_on(&report.tests, machine);
            let found = compare(&known, &results_on(&whole.tests, machine));
            assert!(found.pairs.len() <= known.len());
        }
        for test in &report.tests {
            let line = String::from_utf8(json_line(test)).expect("UTF-8");
            assert_eq!(json_line(&read_line(&line, 1).expect("our own line")), line.as_bytes());
        }
        let merged = merge([report.tests.clone(), whole.tests.clone()]);
        assert!(merged.tests.len() >= report.tests.len());
    }
    assert!(read > 500 && refused > 1000, "{read} read, {refused} refused");
}

fn print(tests: &[TestReport]) {
    for format in [
        Format::Table,
        Format::Herd,
        Format::Json,
        Format::Jsonl,
        Format::Markdown,
        Format::Junit,
        Format::Csv,
    ] {
        let renderer = Renderer { format, detail: Detail::States, color: false };
        let mut writer = Writer::new(renderer, &About::default(), Vec::new()).expect("memory");
        for test in tests {
            writer.piece(renderer.piece(test.clone(), Vec::new())).expect("memory");
        }
        writer.finish(&Tally::default(), End::Whole).expect("memory");
    }
}

#[test]
fn large_inputs_take_no_more_than_their_size() {
    // Many symbols, many states, many tests of one name.
    let values =
        (0..100_000).map(|n| format!("{{\"values\":{{\"[x]\":\"s{n}\"}},\"satisfies\":true}}"));
    let states = values.collect::<Vec<_>>().join(",");
    let line = format!(
        "{{\"schema\":\"rvlitmus/result/2\",\"path\":\"p\",\"name\":\"n\",\"status\":\"complete\",\
         \"machines\":[{{\"id\":\"rvwmo\",\"status\":\"complete\",\"observation\":\"Always\",\
         \"holds\":true,\"states\":[{states}],\"stats\":{{\"work\":1}}}}]}}"
    );
    let start = Instant::now();
    read_report(&line).expect("a report");
    let log = "Test MP Allowed\nStates 1\n0:x5=1;\nOk\nWitnesses\n\n".repeat(20_000);
    let known = read_log(&log).results;
    assert_eq!(compare(&known, &known).pairs.len(), 1);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read_report(&deep).is_err());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

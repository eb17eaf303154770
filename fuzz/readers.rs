//! Every reader of files that others wrote, given any bytes: it reads them or says what is wrong, and what it
//! read can be printed and read again. The fuzz targets call these functions, and so does a test of this
//! project with mutated seeds.

use std::path::Path;

use rvlitmus::compare::foreign::{compare, read_log, results_on};
use rvlitmus::compare::snapshot::{changes, read_folder, write_folder};
use rvlitmus::report::{
    About, Detail, End, Format, Renderer, Writer, is_ours, json_line, read_line, read_report,
};
use rvlitmus::results::Tally;
use rvlitmus_core::litmus::{
    Colour, Language, decode, herd_hashes, parse, parse_proposition, read_list, render,
    visible_lines,
};
use rvlitmus_onereg::{Recording, VmPlan, VmSpec, replay};
use rvlitmus_port::{Map, lower};

/// A reader with the name of its target, which is that of the folder of its seeds.
pub type Reader = (&'static str, fn(&[u8]));

/// All of them.
pub const READERS: [Reader; 9] = [
    ("litmus", litmus),
    ("proposition", proposition),
    ("report", report),
    ("log", log),
    ("list", list),
    ("vm", vm),
    ("transcript", transcript),
    ("snapshot", snapshot),
    ("map", map),
];

/// Has every construct.
const X86: &str = "X86_64 t\n{ }\n P0 ;\n movl (x),%eax ;\n movl $1,(y) ;\n mfence ;\n xchgl %ebx,(x) ;\n \
     lock xaddl %ebx,(x) ;\n lock incl (x) ;\n lock cmpxchgl %ecx,(x) ;\nexists (x=1)\n";

/// Most vCPUs that a VM is made with here.
const VCPUS: usize = 8;

/// A test: it prints and reads as itself, or has mistakes that can be shown.
pub fn litmus(bytes: &[u8]) {
    let Ok(text) = decode(bytes) else { return };
    match parse(&text) {
        Ok(test) => {
            let printed = test.to_string();
            assert_eq!(parse(&printed).as_ref(), Ok(&test), "printed\n{printed}");
            let _ = herd_hashes(&test, &text);
        }
        Err(mistakes) => {
            assert!(!mistakes.0.is_empty());
            let shown = render("\u{1b}", &text, &mistakes, Colour::Never);
            let obeyed = |c: char| c.is_control() && c != '\n';
            assert!(!shown.contains(obeyed), "{shown:?}");
        }
    }
}

/// The argument of `--state`.
pub fn proposition(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for language in Language::ALL {
        if let Err(mistakes) = parse_proposition(&text, language) {
            let _ = render("--state", &text, &mistakes, Colour::Always);
        }
    }
}

/// A map from x86 to RISC-V: it lowers a test, or has mistakes that can be shown.
pub fn map(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Map::read("map", &text) {
        Ok(map) => {
            let test = parse(X86).expect("a test");
            let _ = lower(&test, &map, None);
        }
        Err(mistakes) => {
            assert!(!mistakes.0.is_empty());
            let _ = render("map", &text, &mistakes, Colour::Always);
        }
    }
}

/// A report, `json` or `jsonl`: what was read is printed in every format, compared, and read again.
pub fn report(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = is_ours(&text);
    let Ok(report) = read_report(&text) else { return };
    for test in &report.tests {
        let line = String::from_utf8(json_line(test)).expect("UTF-8");
        assert_eq!(json_line(&read_line(&line, 1).expect("our own line")), line.as_bytes());
    }
    for format in
        [Format::Table, Format::Herd, Format::Json, Format::Markdown, Format::Junit, Format::Csv]
    {
        let renderer = Renderer { format, detail: Detail::States, color: false };
        let mut writer = Writer::new(renderer, &About::default(), Vec::new()).expect("memory");
        for test in &report.tests {
            writer.piece(renderer.piece(test.clone(), Vec::new())).expect("memory");
        }
        let written = writer.finish(&Tally::default(), End::Whole).expect("memory");
        let written = String::from_utf8(written).expect("UTF-8");
        if format != Format::Json {
            assert_eq!(visible_lines(&written), written, "nothing in it is obeyed");
        }
    }
    for machine in ["rvwmo", "ztso"] {
        let known = results_on(&report.tests, machine);
        let _ = compare(&known, &known);
    }
}

/// Another tool's log.
pub fn log(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let log = read_log(&text);
    let _ = compare(&log.results, &log.results);
    for lost in &log.unreadable {
        assert!(lost.line >= 1 && lost.line <= text.lines().count());
    }
}

/// A list of tests.
pub fn list(bytes: &[u8]) {
    let Ok(text) = decode(bytes) else { return };
    for entry in read_list(&text) {
        assert!(!entry.path.is_empty() && entry.line >= 1);
    }
}

/// A VM file. What it names is not opened.
pub fn vm(bytes: &[u8]) {
    let Ok(spec) = VmSpec::from_json(&String::from_utf8_lossy(bytes)) else { return };
    let nothing = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    if let Ok(plan) = VmPlan::new(&spec, Path::new(""), None, &nothing) {
        let _ = plan.machine(plan.described_vcpus().clamp(1, VCPUS));
    }
}

/// A recorded transcript of ONE_REG.
pub fn transcript(bytes: &[u8]) {
    if let Ok(recording) = Recording::from_json(&String::from_utf8_lossy(bytes)) {
        let _ = replay(&recording, None);
    }
}

/// A reviewed snapshot: it differs from itself in nothing.
pub fn snapshot(bytes: &[u8]) {
    if let Ok(entries) = read_folder(&String::from_utf8_lossy(bytes)) {
        let mut once = entries.clone();
        once.sort_by(|a, b| a.file.cmp(&b.file));
        once.dedup_by(|a, b| a.file == b.file);
        assert_eq!(changes(&once, &once), []);
        let _ = write_folder("a", &["rvwmo", "ztso"], &entries);
    }
}

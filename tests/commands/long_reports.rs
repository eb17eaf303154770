//! A test of many states is written while its text is made.

use clap::ValueEnum;
use rvlitmus::report::{About, Detail, End, Format, Piece, Renderer, Writer};
use rvlitmus::results::Tally;
use rvlitmus::run::{Origin, Setup, Source, run_test};
use rvlitmus_generate::family;

#[test]
fn what_is_written_is_what_would_be_in_memory() {
    // As IRIW with many readers, but that Ztso forbids something.
    let file = tempfile::NamedTempFile::with_suffix(".litmus").expect("a temporary file");
    let test = family("iriw").expect("is there").test(8).expect("a test");
    std::fs::write(file.path(), test.replace("fence rw,rw", "nop")).expect("written");
    let source =
        Source { origin: Origin::File(file.path().to_owned()), shown: "IRIW-8.litmus".to_owned() };
    let report = run_test(&source, &Setup::default()).report;
    for format in Format::value_variants() {
        let renderer = Renderer { format: *format, detail: Detail::States, color: true };
        let written = |piece| {
            let mut writer = Writer::new(renderer, &About::default(), Vec::new()).expect("memory");
            writer.piece(piece).expect("memory");
            writer.finish(&Tally::default(), End::Whole).expect("memory")
        };
        if matches!(format, Format::Junit | Format::Html) {
            continue;
        }
        let long = renderer.piece(report.clone(), Vec::new());
        assert!(matches!(long, Piece::Long(_)), "{format:?}");
        let text = Piece::Text(renderer.text(&report, Vec::new()));
        assert!(text.size() > 1 << 20 || *format == Format::Csv);
        assert!(written(long) == written(text), "{format:?}");
    }
}

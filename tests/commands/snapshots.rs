//! The reviewed answers of `litmus/`, one text for each folder, in `snapshots/`.
//!
//! `rvlitmus snapshot` writes the same text, to files of its own. To accept a change: `cargo insta review`, or
//! `INSTA_UPDATE=always cargo test --test commands -- snapshots` and a look at the difference.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use rvlitmus::compare::snapshot::{SnapshotEntry, read_folder, write_folder};
use rvlitmus::run::{Found, Setup, find, run_test};
use rvlitmus_core::session::{Session, Settings};

fn folders() -> BTreeMap<String, Vec<SnapshotEntry>> {
    let litmus = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    let found: Vec<Found> =
        find(&[litmus.to_string_lossy().into_owned()], &std::sync::Arc::default()).collect();
    let mut setup = Setup::default();
    let settings = Settings { explain: true, ..setup.session.settings().clone() };
    setup.session = Session::new(settings);
    let entries: Vec<(String, SnapshotEntry)> = found
        .par_iter()
        .map(|found| {
            let Found::Test(source) = found else { panic!("{found:?}") };
            let report = run_test(source, &setup).report;
            let (folder, file) = source.shown.rsplit_once('/').expect("every test has a folder");
            (folder.to_owned(), SnapshotEntry::of(&report, file))
        })
        .collect();
    let mut folders: BTreeMap<String, Vec<SnapshotEntry>> = BTreeMap::new();
    for (folder, entry) in entries {
        folders.entry(folder).or_default().push(entry);
    }
    folders
}

#[test]
fn the_answers_are_the_reviewed_ones() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (folder, entries) in folders() {
        let text = write_folder(&folder, &["rvwmo", "ztso"], &entries);
        assert_eq!(read_folder(&text).expect("it is read back"), entries);
        settings.bind(|| insta::assert_snapshot!(folder.replace('/', "."), text));
    }
}

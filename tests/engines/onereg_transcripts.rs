//! Every step of every recorded transcript, against the model.

use std::path::PathBuf;

use rvlitmus_onereg::{Recording, replay};

/// The directory of measured facts, beside the repository or where the environment says.
fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("RVLITMUS_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")),
        PathBuf::from,
    );
    Some(root.join(folder)).filter(|p| p.is_dir())
}

#[test]
fn every_step_is_as_recorded() {
    let Some(folder) = shared("onereg") else {
        println!("skipped: no recorded transcripts here");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let (mut steps, mut different) = (0, Vec::new());
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let recording = Recording::from_json(&text).unwrap();
        let replay = replay(&recording, None).unwrap();
        steps += replay.steps;
        let name = file.file_name().unwrap().to_string_lossy();
        different.extend(
            replay.list_difference.iter().chain(&replay.notes).map(|d| format!("{name}: {d}")),
        );
        different.extend(replay.differences.iter().map(|d| format!("{name}: {d}")));
    }
    println!("{steps} steps in {} files", files.len());
    assert_eq!(different.join("\n"), "");
}

/// Every register of two kernels, as `tools/onereg-record-emulated.sh` recorded them with `-cpu max,h=true`.
///
/// The firmware of that machine has no shadow stacks to give, which no ISA string tells: hence the note.
#[test]
fn every_register_of_recorded_kernels() {
    for (file, steps, note) in [
        ("linux-6.12.107-max.json", 4700, ""),
        (
            "linux-7.2.13-max.json",
            4771,
            "hart_isa_lines[0], from the device tree: recorded only nothing; modelled only zicfiss",
        ),
    ] {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings/").to_owned() + file;
        let recording = Recording::from_json(&std::fs::read_to_string(path).unwrap()).unwrap();
        let replay = replay(&recording, None).unwrap();
        assert_eq!(replay.steps, steps, "{file}");
        assert_eq!(replay.notes.join("\n"), note);
        assert!(replay.list_difference.is_none(), "{file}: {:?}", replay.list_difference);
        assert!(replay.differences.is_empty(), "{file}: {} differ", replay.differences.len());
    }
}

//! `docs/isa.md` is what the tables say.

use std::path::Path;

/// With the environment variable `RVLITMUS_UPDATE` set, the file is written instead.
#[test]
fn the_instruction_reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/isa.md");
    let current = rvlitmus_core::arch::riscv::reference_markdown();
    if std::env::var_os("RVLITMUS_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("docs can be made");
        std::fs::write(&path, &current).expect("docs/isa.md can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let changed = current.lines().find(|line| !committed.lines().any(|old| old == *line));
    assert!(
        committed == current,
        "docs/isa.md is not what the tables say (first new line: {changed:?}): \
         run `RVLITMUS_UPDATE=1 cargo test --test engines isa_reference` and review the change"
    );
}

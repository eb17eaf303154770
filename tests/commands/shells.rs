//! What is written for shells and for `man`.

use std::fs;

use crate::support::binary::run;

#[test]
fn completions_and_manual_pages_know_every_command() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(dir, &["completions", shell]);
        assert_eq!(script.code, 0);
        assert!(
            ["generate", "merge", "shard"].iter().all(|word| script.out.contains(word)),
            "{shell}"
        );
    }
    assert_eq!(run(dir, &["man", "-o", "man"]).code, 0);
    let page = |name: &str| fs::read_to_string(dir.join("man").join(name)).expect(name);
    assert_eq!(page("rvlitmus.1"), run(dir, &["man"]).out);
    assert!(page("rvlitmus.1").contains("rvlitmus\\-snapshot"));
    assert!(page("rvlitmus-run.1").contains("\\-\\-shard"));
    assert!(page("rvlitmus-snapshot-check.1").contains("\\-\\-github"));
    // They are written over, and nothing else is.
    assert_eq!(run(dir, &["man", "-o", "man"]).code, 0);
    fs::write(dir.join("man/rvlitmus.1"), "mine\n").expect("a file");
    assert_eq!(run(dir, &["man", "-o", "man"]).code, 2);
}

//! The program as users run it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// What a run came to.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// The program.
pub fn rvlitmus() -> Command {
    Command::cargo_bin("rvlitmus").expect("the binary is built")
}

/// Runs it in `dir`.
pub fn run(dir: &Path, arguments: &[&str]) -> Ran {
    ran(rvlitmus().current_dir(dir).args(arguments))
}

/// Runs it as prepared.
pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("it runs");
    Ran {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Standard output of a run that succeeds.
pub fn out(arguments: &[&str]) -> String {
    let assert = rvlitmus().args(arguments).assert().success();
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

/// Standard error of a run that ends with 2.
pub fn refused(arguments: &[&str]) -> String {
    let assert = rvlitmus().args(arguments).assert().code(2);
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

/// A folder with these files.
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("a folder");
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("inside")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    dir
}

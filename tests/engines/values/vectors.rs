//! The recorded executions: `tests/vectors/generate.py` made them and says what the columns are.

use std::path::Path;

use rvlitmus_core::arch::riscv::Base;

/// One recorded execution.
pub(crate) struct Vector {
    /// Name of its file.
    pub(crate) file: String,
    /// Line in it.
    pub(crate) line: usize,
    /// With the annotation that its encoding cannot do without.
    pub(crate) mnemonic: String,
    /// Immediates last.
    pub(crate) inputs: Vec<u64>,
    /// As the columns of its file say.
    pub(crate) outputs: Vec<u64>,
}

fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse::<i128>().ok().map(|n| n as u64),
    }
}

fn parse(file: &str, line: usize, text: &str) -> Option<Vector> {
    let numbers = |side: &str| side.split_whitespace().map(number).collect::<Option<Vec<_>>>();
    let (left, right) = text.split_once(" -> ")?;
    let (mnemonic, inputs) = left.split_once(' ')?;
    Some(Vector {
        file: file.to_string(),
        line,
        mnemonic: mnemonic.to_string(),
        inputs: numbers(inputs)?,
        outputs: numbers(right)?,
    })
}

/// All of a base, file by file.
pub(crate) fn vectors(base: Base) -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(match base {
        Base::Rv64 => "tests/vectors",
        Base::Rv32 => "tests/vectors/rv32",
    });
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("tests/vectors is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    let mut vectors = Vec::new();
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("text");
        for (index, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
            vectors.push(
                parse(&name, index + 1, line)
                    .unwrap_or_else(|| panic!("{name}:{}: no vector: {line}", index + 1)),
            );
        }
    }
    vectors
}

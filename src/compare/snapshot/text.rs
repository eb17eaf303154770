//! A folder's entries to text and back.

use std::fmt::Write;

use super::{Entry, Mark, StateEntry};

/// Indentation says what a line is.
const NOTE: &str = "  ";
const STATE: &str = "      ";
const REASON: &str = "            ";

/// How every snapshot begins.
const HEAD: &str = "# rvlitmus snapshot of ";

/// Is this text a snapshot, and not some other file?
#[must_use]
pub fn is_snapshot(text: &str) -> bool {
    text.starts_with(HEAD)
}

/// The snapshot of one folder.
#[must_use]
pub fn write_folder(folder: &str, entries: &[Entry]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{HEAD}{folder}: {}", summary(entries));
    for entry in entries {
        let _ = writeln!(text, "\n{}", entry.file);
        for note in &entry.notes {
            let _ = writeln!(text, "{NOTE}{note}");
        }
        for state in &entry.states {
            let marks = state.marks.iter().enumerate().map(|(column, mark)| match (column, mark) {
                (0, Mark::Reached(model)) => format!("{model:<5}"),
                (_, Mark::Reached(model)) => format!("{model:<4}"),
                (_, Mark::Not) => "NO  ".to_owned(),
            });
            let marks = marks.collect::<Vec<_>>().join(" ");
            let star = if state.satisfies { " *" } else { "  " };
            let line = format!("{STATE}{marks}{star} {}", state.values);
            let _ = writeln!(text, "{}", line.trim_end());
            for reason in &state.because {
                let _ = writeln!(text, "{REASON}{reason}");
            }
        }
    }
    text
}

/// `2 tests, 7 states under rvwmo, 5 under ztso`
fn summary(entries: &[Entry]) -> String {
    let tests = entries.len();
    let mut summary = format!("{tests} test{}", if tests == 1 { "" } else { "s" });
    for (index, model) in ["rvwmo", "ztso"].into_iter().enumerate() {
        let states = entries.iter().flat_map(|entry| &entry.states);
        let marks = states.flat_map(|state| &state.marks);
        let reached = marks.filter(|m| matches!(m, Mark::Reached(name) if name == model)).count();
        let what = if index == 0 { "states " } else { "" };
        let _ = write!(summary, ", {reached} {what}under {model}");
    }
    summary
}

/// Why a snapshot cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ReadSnapshotError {
    /// Line of the snapshot, from 1.
    pub line: usize,
    /// What stands there and does not belong.
    pub what: String,
}

/// Reads what [`write_folder`] wrote. Empty lines and lines that start with `#` mean nothing.
///
/// # Errors
/// A line that is not indented as any kind of line is, or that belongs to no test.
pub fn read_folder(text: &str) -> Result<Vec<Entry>, ReadSnapshotError> {
    let mut entries: Vec<Entry> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let content = line.trim();
        if content.is_empty() || line.starts_with('#') {
            continue;
        }
        let error = |what: &str| ReadSnapshotError { line: index + 1, what: what.to_owned() };
        let indentation = line.len() - line.trim_start().len();
        if indentation == 0 {
            let file = content.to_owned();
            entries.push(Entry { file, notes: Vec::new(), states: Vec::new() });
            continue;
        }
        let entry = entries.last_mut().ok_or_else(|| error("it belongs to no test"))?;
        if indentation == NOTE.len() {
            entry.notes.push(content.to_owned());
        } else if indentation == STATE.len() {
            entry.states.push(state(content));
        } else if indentation == REASON.len() {
            let state = entry.states.last_mut().ok_or_else(|| error("it belongs to no state"))?;
            state.because.push(content.to_owned());
        } else {
            return Err(error("its indentation says neither note, state nor reason"));
        }
    }
    Ok(entries)
}

fn state(content: &str) -> StateEntry {
    let mut state = StateEntry {
        marks: Vec::new(),
        satisfies: false,
        values: String::new(),
        because: Vec::new(),
    };
    let mut values = Vec::new();
    for word in content.split_whitespace() {
        match word {
            "NO" if values.is_empty() => state.marks.push(Mark::Not),
            "*" if values.is_empty() => state.satisfies = true,
            model if !model.contains('=') && values.is_empty() => {
                state.marks.push(Mark::Reached(model.to_owned()));
            }
            value => values.push(value),
        }
    }
    state.values = values.join(" ");
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(models: &[&str], satisfies: bool, values: &str) -> StateEntry {
        let mark = |model: &&str| match *model {
            "NO" => Mark::Not,
            model => Mark::Reached(model.to_owned()),
        };
        StateEntry {
            marks: models.iter().map(mark).collect(),
            satisfies,
            values: values.to_owned(),
            because: Vec::new(),
        }
    }

    #[test]
    fn a_folder_is_read_back_as_it_was_written() {
        let mut forbidden = reached(&["rvwmo", "NO"], true, "1:x5=1 [x]=x+4");
        forbidden.because.push("ztso-store-release: the stores of P0".to_owned());
        let entries = [
            Entry {
                file: "MP.litmus".to_owned(),
                notes: vec!["MP: rvwmo Sometimes, ztso Never".into(), "exists (1:x5=1)".into()],
                states: vec![reached(&["rvwmo", "ztso"], false, "1:x5=0 [x]=0"), forbidden],
            },
            Entry {
                file: "nothing observed.litmus".to_owned(),
                notes: vec!["none: ztso Always".into()],
                states: vec![reached(&["ztso"], true, "")],
            },
            Entry {
                file: "wrong.litmus".to_owned(),
                notes: vec!["wrong: parse-error".into(), "line 1, column 1: no".into()],
                states: Vec::new(),
            },
        ];
        let text = write_folder("a/b", &entries);
        assert!(text.starts_with("# rvlitmus snapshot of a/b: 3 tests, 2 states "), "{text}");
        assert!(is_snapshot(&text));
        assert_eq!(read_folder(&text).unwrap(), entries, "{text}");
        assert!(entries[0].answered() && entries[1].answered() && !entries[2].answered());
    }

    #[test]
    fn what_does_not_belong_is_said() {
        for (text, line) in
            [("  note\n", 1), ("a.litmus\n   x\n", 2), ("# c\n\na\n            r", 4)]
        {
            assert_eq!(read_folder(text).unwrap_err().line, line, "{text}");
        }
    }
}

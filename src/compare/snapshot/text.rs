//! A folder's entries to text and back.

use std::fmt::Write;

use super::{Reach, SnapshotEntry, SnapshotState};
use crate::results::counted;

/// Indentation says what a line is.
const NOTE: &str = "  ";
const STATE: &str = "      ";
const REASON: &str = "            ";

/// How every snapshot begins.
const HEAD: &str = "# rvlitmus snapshot of ";

/// What stands in the column of a machine that does not reach the state, or has no answer.
const NOT_REACHED: &str = "NO";
const UNKNOWN: &str = "?";

/// Is this text a snapshot, and not some other file?
#[must_use]
pub fn is_snapshot(text: &str) -> bool {
    text.starts_with(HEAD)
}

/// Writes the snapshot of one folder. Its head counts the states of these machines.
#[must_use]
pub fn write_folder(folder: &str, machines: &[&str], entries: &[SnapshotEntry]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{HEAD}{folder}: {}",
        summary(&counted_machines(machines, entries), entries)
    );
    for entry in entries {
        let _ = writeln!(text, "\n{}", entry.file);
        for note in &entry.notes {
            let _ = writeln!(text, "{NOTE}{note}");
        }
        let machines = entry.machines();
        for state in &entry.states {
            let mut line = STATE.to_owned();
            for (machine, reach) in machines.iter().zip(&state.reached) {
                let word = match reach {
                    Reach::Reached => machine,
                    Reach::NotReached => NOT_REACHED,
                    Reach::Unknown => UNKNOWN,
                };
                let _ = write!(line, "{word:<0$} ", machine.len().max(4));
            }
            line += if state.satisfies { "* " } else { "  " };
            line += &state.values;
            let _ = writeln!(text, "{}", line.trim_end());
            for reason in &state.because {
                let _ = writeln!(text, "{REASON}{reason}");
            }
        }
    }
    text
}

/// Those of the machines that tests have; all that they have where they have none of them, as those of another
/// architecture.
fn counted_machines<'e>(machines: &[&'e str], entries: &'e [SnapshotEntry]) -> Vec<&'e str> {
    let own: Vec<&str> = entries.first().map(SnapshotEntry::machines).unwrap_or_default();
    let has = |entry: &SnapshotEntry| entry.machines().iter().any(|own| machines.contains(own));
    if own.is_empty() || entries.iter().any(has) { machines.to_vec() } else { own }
}

/// Counts tests and states: `2 tests, 7 states under rvwmo, 5 under ztso`.
fn summary(machines: &[&str], entries: &[SnapshotEntry]) -> String {
    let mut summary = counted(entries.len(), "test");
    for (index, machine) in machines.iter().enumerate() {
        let reached = entries.iter().filter_map(|entry| {
            let column = entry.machines().iter().position(|known| known == machine)?;
            let states = entry.states.iter();
            Some(states.filter(|state| state.reached.get(column) == Some(&Reach::Reached)).count())
        });
        let what = if index == 0 { "states " } else { "" };
        let _ = write!(summary, ", {} {what}under {machine}", reached.sum::<usize>());
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
/// A line that is not indented as any kind of line is, that belongs to no test, or that names other machines
/// than its test does.
pub fn read_folder(text: &str) -> Result<Vec<SnapshotEntry>, ReadSnapshotError> {
    let mut entries: Vec<SnapshotEntry> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let content = line.trim();
        if content.is_empty() || line.starts_with('#') {
            continue;
        }
        let error = |what: &str| ReadSnapshotError { line: index + 1, what: what.to_owned() };
        let indentation = line.len() - line.trim_start().len();
        if indentation == 0 {
            let file = content.to_owned();
            entries.push(SnapshotEntry { file, notes: Vec::new(), states: Vec::new() });
            continue;
        }
        let entry = entries.last_mut().ok_or_else(|| error("it belongs to no test"))?;
        if indentation == NOTE.len() {
            entry.notes.push(content.to_owned());
        } else if indentation == STATE.len() {
            let state = read_state(content, &entry.machines()).map_err(|what| error(&what))?;
            entry.states.push(state);
        } else if indentation == REASON.len() {
            let state = entry.states.last_mut().ok_or_else(|| error("it belongs to no state"))?;
            state.because.push(content.to_owned());
        } else {
            return Err(error("its indentation says neither note, state nor reason"));
        }
    }
    Ok(entries)
}

/// Reads the line of a state, which begins with a word for each machine. What else stands there is the error.
fn read_state(content: &str, machines: &[&str]) -> Result<SnapshotState, String> {
    let mut words = content.split_whitespace().peekable();
    let reached = machines.iter().map(|machine| match words.next().unwrap_or_default() {
        NOT_REACHED => Ok(Reach::NotReached),
        UNKNOWN => Ok(Reach::Unknown),
        word if word == *machine => Ok(Reach::Reached),
        word => Err(format!("`{word}` stands where `{machine}`, `NO` or `?` should")),
    });
    let reached = reached.collect::<Result<_, _>>()?;
    let satisfies = words.next_if_eq(&"*").is_some();
    let values = words.collect::<Vec<_>>().join(" ");
    Ok(SnapshotState { reached, satisfies, values, because: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(reached: &[Reach], satisfies: bool, values: &str) -> SnapshotState {
        let (reached, values) = (reached.to_vec(), values.to_owned());
        SnapshotState { reached, satisfies, values, because: Vec::new() }
    }

    fn entry(file: &str, notes: &[&str], states: Vec<SnapshotState>) -> SnapshotEntry {
        let notes = notes.iter().map(|note| (*note).to_owned()).collect();
        SnapshotEntry { file: file.to_owned(), notes, states }
    }

    #[test]
    fn a_folder_is_read_back_as_it_was_written() {
        use Reach::{NotReached, Reached, Unknown};
        let mut forbidden = state(&[Reached, NotReached], true, "1:x5=1 [x]=x+4");
        forbidden.because.push("ztso-store-release: the stores of P0".to_owned());
        let entries = [
            entry(
                "MP.litmus",
                &["MP: rvwmo Sometimes, ztso Never", "exists (1:x5=1)"],
                vec![state(&[Reached, Reached], false, "1:x5=0 [x]=0"), forbidden],
            ),
            entry(
                "nothing observed.litmus",
                &["none: ztso Always"],
                vec![state(&[Reached], true, "")],
            ),
            entry(
                "three.litmus",
                &[
                    "three: rvwmo:reservation=any Never, vm illegal-instruction, ztso no-execution",
                    "vm: line 3, column 2: no",
                ],
                vec![state(&[Reached, Unknown, NotReached], false, "[x]=0")],
            ),
            entry("wrong.litmus", &["wrong: parse-error", "line 1, column 1: no"], Vec::new()),
        ];
        let text = write_folder("a/b", &["rvwmo", "ztso"], &entries);
        let head = "# rvlitmus snapshot of a/b: 4 tests, 2 states under rvwmo, 2 under ztso\n";
        assert!(text.starts_with(head), "{text}");
        assert!(is_snapshot(&text));
        for line in [
            "      rvwmo NO   * 1:x5=1 [x]=x+4\n",
            "      ztso *\n",
            "      rvwmo:reservation=any ?    NO     [x]=0\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert_eq!(read_folder(&text).unwrap(), entries, "{text}");
        assert_eq!(entries.each_ref().map(SnapshotEntry::answered), [true, true, true, false]);
        let failed = ["rvwmo:reservation=any", "vm", "ztso"].map(|id| entries[2].failed_on(id));
        assert_eq!(failed, [false, true, false]);
    }

    #[test]
    fn what_does_not_belong_is_said() {
        for (text, line) in [
            ("  note\n", 1),
            ("a.litmus\n   x\n", 2),
            ("# c\n\na\n            r", 4),
            ("a\n  a: rvwmo Never, ztso Never\n      rvwmo [x]=1\n", 3),
        ] {
            assert_eq!(read_folder(text).unwrap_err().line, line, "{text}");
        }
    }
}

//! Logs of the herd family: herd7 (`States`), litmus7 (`Histogram`, a count before each state), rmem
//! (counts and `via`).

use std::collections::BTreeSet;

use super::result::{Known, Source, State, normal_place, normal_value};

/// Why a log cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ReadLogError {
    /// Line of the log, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

/// The tests of a log in order. One whose end is missing counts as not finished.
///
/// # Errors
/// A state that is no list of `place=value;`, or fewer states than the log announces.
pub fn read_log(text: &str) -> Result<Vec<Known>, ReadLogError> {
    let mut tests: Vec<Known> = Vec::new();
    let mut states: Option<(usize, BTreeSet<State>)> = None;
    for (index, line) in text.lines().enumerate() {
        let error = |what: String| ReadLogError { line: index + 1, what };
        if let Some((missing, found)) = &mut states
            && *missing > 0
        {
            found.insert(state(line).ok_or_else(|| error(format!("`{line}` is no state")))?);
            *missing -= 1;
            continue;
        }
        let mut words = line.split_whitespace();
        match words.next() {
            Some("Test") => {
                let name = words.next().ok_or_else(|| error("a test without a name".into()))?;
                let (name, source) = (name.to_owned(), Source::Model);
                tests.push(Known { name, hash: None, source, states: None });
                states = None;
            }
            Some(head @ ("States" | "Histogram")) => {
                let count = words.next().map(|word| word.trim_matches(['(', ')']).parse());
                let Some(Ok(count)) = count else {
                    return Err(error(format!("`{line}` does not say how many states")));
                };
                if let (Some(test), "Histogram") = (tests.last_mut(), head) {
                    test.source = Source::Hardware;
                }
                states = Some((count, BTreeSet::new()));
            }
            Some("Witnesses") => {
                if let (Some(test), Some((_, found))) = (tests.last_mut(), states.take()) {
                    test.states = Some(found);
                }
            }
            Some(word) if word.starts_with("Hash=") => {
                if let Some(test) = tests.last_mut() {
                    test.hash = Some(word["Hash=".len()..].to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(tests)
}

/// `0:x5=0; x=1;`, perhaps after `12345  :>` or `*>`, perhaps before `via "..."`.
fn state(line: &str) -> Option<State> {
    let line = match line.split_once('>') {
        Some((count, rest)) => {
            let count = count.trim_end_matches([':', '*']).trim();
            count.chars().all(|c| c.is_ascii_digit()).then_some(rest)?
        }
        None => line,
    };
    let mut state = State::new();
    for part in line.split(';') {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        if part.starts_with("via ") {
            break;
        }
        let (place, value) = part.split_once('=')?;
        state.insert(normal_place(place), normal_value(value));
    }
    Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
Test MP Allowed
States 2
1:x5=0; 1:a0=0x10;
1:x5=1; 1:a0=y;
Ok
Witnesses
Positive: 1 Negative: 1
Hash=0123

Test SB Allow
Histogram (2 states)
3     *>0:x5=0; x=1;
12345:> 0:x5=1; x=1;
No
Witnesses
Positive: 0 Negative: 12348

Test nothing Required
States 1

Ok
Witnesses

Test torn Allowed
States 1
0:x5=1;
";

    #[test]
    fn the_dialects_are_read() {
        let tests = read_log(LOG).unwrap();
        let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["MP", "SB", "nothing", "torn"]);
        assert_eq!((tests[0].source, tests[0].hash.as_deref()), (Source::Model, Some("0123")));
        let state = |pairs: &[(&str, &str)]| -> State {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let mp = BTreeSet::from([
            state(&[("1:x5", "0"), ("1:x10", "16")]),
            state(&[("1:x5", "1"), ("1:x10", "y")]),
        ]);
        assert_eq!(tests[0].states, Some(mp));
        assert_eq!(tests[1].source, Source::Hardware);
        assert_eq!(tests[1].states.as_ref().map(BTreeSet::len), Some(2));
        assert_eq!(tests[2].states, Some(BTreeSet::from([state(&[])])));
        assert_eq!(tests[3].states, None);
    }

    #[test]
    fn what_is_no_state_is_said() {
        let error = read_log("Test MP Allowed\nStates 2\n1:x5=0;\nOk\n").unwrap_err();
        assert_eq!(error.to_string(), "line 4: `Ok` is no state");
        assert!(read_log("Test MP Allowed\nStates many\n").is_err());
    }
}

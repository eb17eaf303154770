//! Reads logs of other tools: herd7 (`States`), litmus7 (`Histogram`, a count before each state), rmem
//! (counts and `via`, no `Witnesses`), isla (a verdict in a line). Colours are of no interest.

use std::collections::BTreeSet;

use super::canonical::{NamedState, canonical_place, canonical_value};
use super::isla;
use super::result::{Source, ToolAnswer, ToolResult, Witness};

/// What a log says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Log {
    /// Its tests in order. One whose end is missing, or of which a line cannot be read, counts as not
    /// finished.
    pub results: Vec<ToolResult>,
    /// The lines that cannot be read.
    pub unreadable: Vec<UnreadableLine>,
}

/// A line of a log that cannot be read, for which its test is lost and no other.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}: test {test} is left out")]
pub struct UnreadableLine {
    /// Line of the log, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
    /// The name of the test.
    pub test: String,
}

/// A test of which not every line has been read.
struct OpenTest {
    result: ToolResult,
    /// What `Ok` says of the condition; a line `Test` ends in `Allowed`, `Forbidden` or `Required`.
    ok: Option<Witness>,
    /// How many states are still to come, and those that came.
    states: Option<(usize, BTreeSet<NamedState>)>,
    witness: Option<Witness>,
    /// Did rmem say that its search was not at its end?
    partial: bool,
}

impl OpenTest {
    fn new(name: &str, kind: Option<&str>, partial: bool) -> OpenTest {
        let ok = match kind {
            Some("Allowed" | "Allow") => Some(Witness::Found),
            Some("Forbidden" | "Forbid" | "Required" | "Require") => Some(Witness::None),
            _ => None,
        };
        let result = ToolResult::unfinished(name);
        OpenTest { result, ok, states: None, witness: None, partial }
    }

    /// Takes the next state, and how often it was seen.
    fn add(&mut self, count: Option<u64>, state: NamedState) {
        let Some((missing, found)) = &mut self.states else { return };
        if let Some(count) = count.filter(|_| self.result.source == Source::Hardware) {
            *self.result.seen.entry(state.clone()).or_default() += count;
        }
        found.insert(state);
        *missing -= 1;
    }

    /// Takes the verdict `Ok` or `No`.
    fn verdict(&mut self, word: &str) {
        let witness = match (word, self.ok) {
            (_, None) => None,
            ("Ok", ok) => ok,
            (_, Some(Witness::Found)) => Some(Witness::None),
            (_, Some(Witness::None)) => Some(Witness::Found),
        };
        self.witness = self.witness.or(witness);
    }

    /// Takes the word `Loop`: herd7 cut loops, so that it may have missed states and a witness.
    fn bounded(&mut self) {
        if self.result.source == Source::Model {
            self.result.source = Source::BoundedModel;
        }
    }

    /// Makes the states the answer, if they are all there.
    fn finish(&mut self) {
        if let Some((0, states)) = self.states.take()
            && !self.partial
        {
            let bounded = self.result.source == Source::BoundedModel;
            let witness = self.witness.filter(|found| *found == Witness::Found || !bounded);
            self.result.answer = ToolAnswer::States(states, witness);
        }
    }
}

/// Reads the tests of a log.
#[must_use]
pub fn read_log(text: &str) -> Log {
    let mut log = Log::default();
    let Log { results: tests, unreadable } = &mut log;
    let mut open: Option<OpenTest> = None;
    let mut partial = false;
    for (index, line) in text.lines().enumerate() {
        let line = &*anstream::adapter::strip_str(line).to_string();
        let mut lost = |open: &mut OpenTest, what: String| {
            open.states = None;
            let test = open.result.name.clone();
            unreadable.push(UnreadableLine { line: index + 1, what, test });
        };
        let begins = line.starts_with("Test ");
        if let Some(test @ OpenTest { states: Some((1.., _)), .. }) = &mut open
            && !begins
        {
            match read_state(line) {
                Some((count, state)) => test.add(count, state),
                None => lost(test, format!("`{}` is no state", shortened(line))),
            }
            continue;
        }
        let mut words = line.split_whitespace();
        match (words.next(), &mut open) {
            (Some("Test"), _) if begins => {
                let Some(name) = words.next() else { continue };
                let next = OpenTest::new(name, words.next(), std::mem::take(&mut partial));
                // What rmem found so far is followed by all that it found.
                let before = open.replace(next).filter(|o| !o.partial || o.result.name != name);
                tests.extend(before.map(|open| open.result));
            }
            (Some(head @ ("States" | "Histogram")), Some(open)) => {
                let count = words.next().map(|word| word.trim_matches(['(', ')']).parse());
                let Some(Ok(count)) = count else {
                    lost(open, format!("`{}` does not say how many states", shortened(line)));
                    continue;
                };
                if head == "Histogram" {
                    open.result.source = Source::Hardware;
                }
                open.states = Some((count, BTreeSet::new()));
            }
            (Some("Loop"), Some(open)) => {
                open.bounded();
                words.next().into_iter().for_each(|word| open.verdict(word));
            }
            (Some(word @ ("Ok" | "No")), Some(open)) => open.verdict(word),
            (Some("Witnesses" | "Condition"), Some(open)) => open.finish(),
            (Some("***"), _) if line.contains("PARTIAL RESULTS") => partial = true,
            (Some(word), Some(open)) if word.starts_with("Hash=") => {
                open.result.hashes = vec![word["Hash=".len()..].to_owned()];
            }
            (Some(_), Some(open))
                if matches!(open.states, Some((0, _))) && read_state(line).is_some() =>
            {
                lost(open, format!("`{}` is a state more than was said", shortened(line)));
            }
            _ => {
                if let Some(result) = isla::read_line(line) {
                    tests.extend(open.take().map(|open| open.result));
                    tests.push(result);
                }
            }
        }
    }
    tests.extend(open.map(|open| open.result));
    log
}

/// As much of a line as a message can hold.
fn shortened(line: &str) -> &str {
    &line[..line.floor_char_boundary(80)]
}

/// Reads a state and how often it was seen: `0:x5=0; x=1; a={1,2};`, perhaps after `12345  :>` or `*>`, perhaps
/// before `via "..."`.
fn read_state(line: &str) -> Option<(Option<u64>, NamedState)> {
    let (seen, line) = match line.split_once('>') {
        Some((count, rest)) => {
            let count = count.trim_end_matches([':', '*']).trim();
            let digits = count.chars().all(|c| c.is_ascii_digit());
            digits.then(|| (count.parse().ok(), rest))?
        }
        None => (None, line),
    };
    let mut state = NamedState::new();
    for part in line.split(';') {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        if part.starts_with("via ") {
            break;
        }
        let (place, value) = part.split_once('=')?;
        let mut add = |place: String, value: &str| {
            let is_new = state.insert(place, canonical_value(value)).is_none();
            (is_new && is_value(value)).then_some(())
        };
        match value.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(elements) => {
                let array = place.trim().trim_matches(['[', ']']);
                for (index, element) in elements.split(',').enumerate() {
                    add(format!("{array}[{index}]"), element)?;
                }
            }
            None => add(canonical_place(place), value)?,
        }
        if !is_word(place.trim()) {
            return None;
        }
    }
    Some((seen, state))
}

/// Is it one number, or one name?
fn is_value(text: &str) -> bool {
    let text = text.trim();
    let number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    is_word(text) && (!number || !text.contains(':'))
}

/// Is it a name or a number, and no part of a proposition?
fn is_word(text: &str) -> bool {
    let other = |c: char| c.is_whitespace() || "=!~<>()\\/|".contains(c);
    !text.is_empty() && !text.contains(other)
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

Test SB Forbid
Histogram (2 states)
3     *>0:x5=0; x=1;
12345:> 0:x5=1; x=1;
No
Witnesses
Positive: 0 Negative: 12348

Test nothing Required
States 1

Loop Ok
Witnesses

Test killed Allowed
Histogram (5 states)
7 :>0:x5=1;
Test torn Allowed
States 1
0:x5=1;
";

    fn state(pairs: &[(&str, &str)]) -> NamedState {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_dialects_are_read() {
        let tests = read_log(LOG).results;
        let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["MP", "SB", "nothing", "killed", "torn"]);
        assert_eq!(
            (tests[0].source, &tests[0].hashes[..]),
            (Source::Model, &["0123".to_owned()][..])
        );
        let mp = BTreeSet::from([
            state(&[("1:x5", "0"), ("1:x10", "16")]),
            state(&[("1:x5", "1"), ("1:x10", "y")]),
        ]);
        assert_eq!(tests[0].answer, ToolAnswer::States(mp, Some(Witness::Found)));
        let sb = BTreeSet::from([
            state(&[("0:x5", "0"), ("[x]", "1")]),
            state(&[("0:x5", "1"), ("[x]", "1")]),
        ]);
        assert_eq!(tests[1].source, Source::Hardware);
        assert_eq!(tests[1].seen.values().copied().collect::<Vec<_>>(), [3, 12345]);
        assert!(tests[0].seen.is_empty());
        assert_eq!(tests[1].answer, ToolAnswer::States(sb, Some(Witness::Found)));
        let nothing = ToolAnswer::States(BTreeSet::from([state(&[])]), None);
        assert_eq!(tests[2].source, Source::BoundedModel);
        assert_eq!(tests[2].answer, nothing);
        assert_eq!(tests[3].answer, ToolAnswer::Unfinished);
        assert_eq!(tests[4].answer, ToolAnswer::Unfinished);
    }

    /// rmem's model of RISC-V: what it prints for one test that it finished, with colours, and for one
    /// that it was interrupted in and then finished.
    const RMEM: &str = "\
#Endianness: little
\u{1b}[0;36m\u{1b}[1mTest SB Allowed\u{1b}[0m
Shared-memory={0x0000000000001000/8}
States 2
3     :>0:x7=0; 1:x7=1;  via \"0;2;1;4\"
1     *>0:x7=0; 1:x7=0;  via \"0;1\"
Unhandled exceptions 0
Ok
Condition exists (0:x7=0 /\\ 1:x7=0)
Hash=4d02f5e2dbbb9cf93f52bcfb4b8d3cb5
Observation SB Sometimes 1 1
Runtime: 0.213000 sec
\u{1b}[0m
\u{1b}[0;33mWarning: 
***********************
*** PARTIAL RESULTS ***
***********************
\u{1b}[0mTest MP Allowed
States 1
3     :>1:x5=0; 1:x7=0;  via \"0;2;1;4\"
Unhandled exceptions 1
2     :>thread 1 instruction (1:2): unhandled  via \"0;1\"

No (allowed not found)
Condition exists (1:x5=1 /\\ 1:x7=0)
Test MP Allowed
States 2
3     :>1:x5=0; 1:x7=0;  via \"0;2;1;4\"
3     :>1:x5=1; 1:x7=1;  via \"0;2;1;5\"
Unhandled exceptions 0

No (allowed not found)
Condition exists (1:x5=1 /\\ 1:x7=0)
Observation MP Never 0 2
*** PARTIAL RESULTS ***
Test LB Allowed
States 1
0:x5=0;
No (allowed not found)
Condition exists (0:x5=1)
";

    #[test]
    fn a_log_of_rmem_has_states_and_says_where_its_search_was_ended() {
        let tests = read_log(RMEM).results;
        let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["SB", "MP", "LB"]);
        assert_eq!(tests[0].hashes, ["4d02f5e2dbbb9cf93f52bcfb4b8d3cb5"]);
        let states = |all: &[[(&str, &str); 2]]| all.iter().map(|s| state(s)).collect();
        let sb = states(&[[("0:x7", "0"), ("1:x7", "1")], [("0:x7", "0"), ("1:x7", "0")]]);
        assert_eq!(tests[0].answer, ToolAnswer::States(sb, Some(Witness::Found)));
        let mp = states(&[[("1:x5", "0"), ("1:x7", "0")], [("1:x5", "1"), ("1:x7", "1")]]);
        assert_eq!(tests[1].answer, ToolAnswer::States(mp, Some(Witness::None)));
        assert_eq!(tests[2].answer, ToolAnswer::Unfinished);
        assert!(tests.iter().all(|test| test.source == Source::Model && test.seen.is_empty()));
    }

    #[test]
    fn what_is_no_state_costs_its_test_and_is_said() {
        let log = read_log(
            "Test MP Allowed\nStates 2\n1:x5=0;\n1:x5=1; ~fault(P0,x);\nOk\nWitnesses\n\
             Test SB Allowed\nStates many\nTest \nTest A Allowed\nStates 1\na={1,2}; b={3};\nOk\nWitnesses\n",
        );
        let lost: Vec<String> = log.unreadable.iter().map(ToString::to_string).collect();
        assert_eq!(
            lost,
            [
                "line 4: `1:x5=1; ~fault(P0,x);` is no state: test MP is left out",
                "line 8: `States many` does not say how many states: test SB is left out"
            ]
        );
        let answers: Vec<_> = log.results.iter().map(|test| &test.answer).collect();
        let arrays = state(&[("a[0]", "1"), ("a[1]", "2"), ("b[0]", "3")]);
        let arrays = ToolAnswer::States(BTreeSet::from([arrays]), Some(Witness::Found));
        assert_eq!(answers, [&ToolAnswer::Unfinished, &ToolAnswer::Unfinished, &arrays]);
    }

    #[test]
    fn a_log_of_isla_has_verdicts_alone() {
        let log = "loading\nMP allowed (1 of 4) 12ms ... \u{1b}[93m\u{1b}[1m?\u{1b}[0m\n\
            SB forbidden (0 of 4) 30ms ... ?\n";
        let tests = read_log(log).results;
        let found: Vec<_> = tests.iter().map(|test| (&*test.name, &test.answer)).collect();
        assert_eq!(
            found,
            [
                ("MP", &ToolAnswer::Verdict(Witness::Found)),
                ("SB", &ToolAnswer::Verdict(Witness::None))
            ]
        );
    }

    #[test]
    fn a_line_that_is_no_state_loses_its_test() {
        let log = |state: &str| {
            format!("Test MP Allowed\nStates 1\n{state}\nOk\nWitnesses\nPositive: 1 Negative: 0\n")
        };
        assert!(read_log(&log("1:x5=0; x=P1:L0; y=&z; a={1,-2};")).unreadable.is_empty());
        for state in [
            "1:x8!=1; 1:x9=0;",
            "x=1 \\/ x=7; y=9;",
            "1:x8=1:x9;",
            "1:x8=1; 1:x8=0;",
            "not (x=1);",
            "x=1;\nx=2;",
        ] {
            let log = read_log(&log(state));
            assert_eq!(log.unreadable.len(), 1, "{state}");
            assert_eq!(log.results[0].answer, ToolAnswer::Unfinished, "{state}");
        }
    }
}

//! What changed between a reviewed answer and a new one, test by test and state by state.

use std::fmt;

use super::{Entry, Mark, StateEntry};

/// What sort of change it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// The test was not there.
    NewTest,
    /// The test is no longer there.
    VanishedTest,
    /// The test had all its states and has none any more, or only those of bounded loops.
    Incomplete,
    /// A model reaches a state that it did not reach.
    NowAllowed,
    /// A model no longer reaches a state.
    NoLongerAllowed,
    /// Name, verdict, condition or reason read differently.
    Text,
}

/// One change of one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What sort.
    pub kind: Kind,
    /// The test's file within its folder.
    pub file: String,
    /// `ztso now allows 1:x5=1 1:x7=0`
    pub what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// How `new` differs from `old`, in the order of `new`, vanished tests last.
#[must_use]
pub fn changes(old: &[Entry], new: &[Entry]) -> Vec<Change> {
    let mut changes = Vec::new();
    for entry in new {
        match old.iter().find(|known| known.file == entry.file) {
            Some(known) => test_changes(known, entry, &mut changes),
            None => changes.push(change(Kind::NewTest, entry, "is new".to_owned())),
        }
    }
    for known in old {
        if !new.iter().any(|entry| entry.file == known.file) {
            let what = "is no longer there".to_owned();
            changes.push(change(Kind::VanishedTest, known, what));
        }
    }
    changes
}

fn change(kind: Kind, entry: &Entry, what: String) -> Change {
    Change { kind, file: entry.file.clone(), what }
}

fn test_changes(old: &Entry, new: &Entry, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    if old.answered() && !new.answered() {
        let what = format!("has no answer any more: {}", new.notes.join(", "));
        changes.push(change(Kind::Incomplete, new, what));
        return;
    }
    let before = changes.len();
    if !old.bounded() && new.bounded() {
        let what = "had a complete answer and has only a bounded one".to_owned();
        changes.push(change(Kind::Incomplete, new, what));
    }
    for state in &new.states {
        let known = find(old, state);
        for model in models(new) {
            if reaches(state, model) && !known.is_some_and(|known| reaches(known, model)) {
                let what = format!("{model} now allows {}", state.values);
                changes.push(change(Kind::NowAllowed, new, what));
            }
        }
    }
    for known in &old.states {
        let state = find(new, known);
        for model in models(old) {
            if reaches(known, model) && !state.is_some_and(|state| reaches(state, model)) {
                let what = format!("{model} no longer allows {}", known.values);
                changes.push(change(Kind::NoLongerAllowed, new, what));
            }
        }
    }
    let noted = old.notes.iter().zip(&new.notes).filter(|(old, new)| old != new);
    for (old, note) in noted {
        changes.push(change(Kind::Text, new, format!("was `{old}`, is `{note}`")));
    }
    if changes.len() == before {
        let what = "reads differently: notes, stars or reasons".to_owned();
        changes.push(change(Kind::Text, new, what));
    }
}

fn find<'a>(entry: &'a Entry, state: &StateEntry) -> Option<&'a StateEntry> {
    entry.states.iter().find(|known| known.values == state.values)
}

fn reaches(state: &StateEntry, model: &str) -> bool {
    state.marks.iter().any(|mark| matches!(mark, Mark::Reached(name) if name == model))
}

/// The models that reach some state of the test.
fn models(entry: &Entry) -> Vec<&str> {
    let mut models = Vec::new();
    for mark in entry.states.iter().flat_map(|state| &state.marks) {
        if let Mark::Reached(name) = mark
            && !models.contains(&name.as_str())
        {
            models.push(name);
        }
    }
    models
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::snapshot::read_folder;

    const OLD: &str = "\
MP.litmus
  MP: rvwmo Sometimes, ztso Never
  exists (1:x5=1)
      rvwmo ztso   1:x5=0
      rvwmo NO   * 1:x5=1
SB.litmus
  SB: rvwmo Always, ztso Always
      rvwmo ztso * 0:x5=0
gone.litmus
  gone: rvwmo Always
      rvwmo * 0:x5=0
";

    const NEW: &str = "\
MP.litmus
  MP: rvwmo Sometimes, ztso Sometimes
  exists (1:x5=1)
      rvwmo ztso * 1:x5=1
      rvwmo ztso   1:x5=2
SB.litmus
  SB: timeout
  line 1, column 1: the test's time limit ran out
new.litmus
  new: rvwmo Always
";

    #[test]
    fn changes_are_told_by_test_and_state() {
        let (old, new) = (read_folder(OLD).unwrap(), read_folder(NEW).unwrap());
        let told: Vec<String> = changes(&old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "MP.litmus: ztso now allows 1:x5=1",
                "MP.litmus: rvwmo now allows 1:x5=2",
                "MP.litmus: ztso now allows 1:x5=2",
                "MP.litmus: rvwmo no longer allows 1:x5=0",
                "MP.litmus: ztso no longer allows 1:x5=0",
                "MP.litmus: was `MP: rvwmo Sometimes, ztso Never`, is `MP: rvwmo Sometimes, ztso Sometimes`",
                "SB.litmus: has no answer any more: SB: timeout, line 1, column 1: the test's time limit ran out",
                "new.litmus: is new",
                "gone.litmus: is no longer there",
            ]
        );
        assert_eq!(changes(&old, &old), []);
    }

    #[test]
    fn no_difference_goes_untold() {
        let old = read_folder(OLD).unwrap();
        let mut starless = old.clone();
        starless[0].states[1].satisfies = false;
        assert_eq!(changes(&old, &starless).len(), 1);
    }
}

//! What changed between a reviewed answer and a new one, test by test and state by state.

use std::collections::HashMap;
use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Reach, SnapshotEntry, SnapshotState};

/// How many states of one test are named one by one.
const LISTED: usize = 20;

/// A sort of change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ChangeKind {
    /// The test was not there.
    NewTest,
    /// The test is no longer there.
    VanishedTest,
    /// The test had all its states and has none any more, or only those of bounded loops.
    Incomplete,
    /// A limit ended the test, so nothing is known of it: the reviewed answer stays.
    Unfinished,
    /// A machine reaches a state that it did not reach.
    NowAllowed,
    /// A machine no longer reaches a state.
    NoLongerAllowed,
    /// Name, verdict, condition or reason read differently.
    Text,
}

/// One change of one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Which sort of change it is.
    pub kind: ChangeKind,
    /// The test's file within its folder.
    pub file: String,
    /// What changed: `ztso now allows 1:x5=1 1:x7=0`
    pub what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// Lists how `new` differs from `old`, in the order of `new`, vanished tests last.
#[must_use]
pub fn changes(old: &[SnapshotEntry], new: &[SnapshotEntry]) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut before, mut now) = (FxHashMap::default(), FxHashSet::default());
    for known in old {
        before.entry(&known.file).or_insert(known);
    }
    for entry in new {
        now.insert(&entry.file);
        match before.get(&entry.file) {
            Some(known) => test_changes(known, entry, &mut changes),
            None => changes.push(change(ChangeKind::NewTest, entry, "is new".to_owned())),
        }
    }
    for known in old {
        if !now.contains(&known.file) {
            let what = "is no longer there".to_owned();
            changes.push(change(ChangeKind::VanishedTest, known, what));
        }
    }
    changes
}

fn change(kind: ChangeKind, entry: &SnapshotEntry, what: String) -> Change {
    Change { kind, file: entry.file.clone(), what }
}

fn test_changes(old: &SnapshotEntry, new: &SnapshotEntry, changes: &mut Vec<Change>) {
    if old == new {
        return;
    }
    if new.unfinished() && !old.unfinished() {
        let what = format!("was not finished: {}", new.notes.join(", "));
        changes.push(change(ChangeKind::Unfinished, new, what));
        return;
    }
    if old.answered() && !new.answered() {
        let what = format!("has no answer any more: {}", new.notes.join(", "));
        changes.push(change(ChangeKind::Incomplete, new, what));
        return;
    }
    let before = changes.len();
    for machine in old.machines().into_iter().filter(|m| new.failed_on(m) && !old.failed_on(m)) {
        let what = format!("has no answer under {machine} any more");
        changes.push(change(ChangeKind::Incomplete, new, what));
    }
    if !old.bounded() && new.bounded() {
        let what = "had a complete answer and has only a bounded one".to_owned();
        changes.push(change(ChangeKind::Incomplete, new, what));
    }
    let more = gained(new, old);
    list_states(ChangeKind::NowAllowed, "now allows", &more, new, changes);
    let fewer = gained(old, new);
    list_states(ChangeKind::NoLongerAllowed, "no longer allows", &fewer, new, changes);
    let noted = old.notes.iter().zip(&new.notes).filter(|(old, new)| old != new);
    for (old, note) in noted {
        changes.push(change(ChangeKind::Text, new, format!("was `{old}`, is `{note}`")));
    }
    if changes.len() == before {
        let what = "reads differently: notes, stars or reasons".to_owned();
        changes.push(change(ChangeKind::Text, new, what));
    }
}

/// Lists the states that machines reach in `of` and not in `beside`, each with the machine. Where a machine
/// has no answer in `beside` nothing is known of it.
fn gained<'e>(of: &'e SnapshotEntry, beside: &SnapshotEntry) -> Vec<(&'e str, &'e SnapshotState)> {
    let known: HashMap<&str, &SnapshotState> =
        beside.states.iter().map(|state| (state.values.as_str(), state)).collect();
    let columns = beside.machines();
    let reaches =
        |state: &SnapshotState, column| state.reached.get(column) == Some(&Reach::Reached);
    let machines: Vec<(usize, &str, Option<usize>)> = of
        .machines()
        .into_iter()
        .enumerate()
        .filter(|(_, machine)| !(columns.contains(machine) && beside.failed_on(machine)))
        .map(|(column, machine)| (column, machine, columns.iter().position(|m| *m == machine)))
        .collect();
    let mut gained = Vec::new();
    for state in &of.states {
        let known = known.get(state.values.as_str());
        for (column, machine, beside) in &machines {
            let was = known.zip(*beside).is_some_and(|(known, column)| reaches(known, column));
            if reaches(state, *column) && !was {
                gained.push((*machine, state));
            }
        }
    }
    gained
}

/// Names the first states one by one and counts the others.
fn list_states(
    kind: ChangeKind,
    how: &str,
    states: &[(&str, &SnapshotState)],
    entry: &SnapshotEntry,
    changes: &mut Vec<Change>,
) {
    for (machine, state) in states.iter().take(LISTED) {
        changes.push(change(kind, entry, format!("{machine} {how} {}", state.values)));
    }
    if let Some(more @ 1..) = states.len().checked_sub(LISTED) {
        changes.push(change(kind, entry, format!("and {more} more that a model {how}")));
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

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
    fn changes_are_listed_by_test_and_state() {
        let (old, new) = (read_folder(OLD).unwrap(), read_folder(NEW).unwrap());
        let listed: Vec<String> = changes(&old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(
            listed,
            [
                "MP.litmus: ztso now allows 1:x5=1",
                "MP.litmus: rvwmo now allows 1:x5=2",
                "MP.litmus: ztso now allows 1:x5=2",
                "MP.litmus: rvwmo no longer allows 1:x5=0",
                "MP.litmus: ztso no longer allows 1:x5=0",
                "MP.litmus: was `MP: rvwmo Sometimes, ztso Never`, is `MP: rvwmo Sometimes, ztso Sometimes`",
                "SB.litmus: was not finished: SB: timeout, line 1, column 1: the test's time limit ran out",
                "new.litmus: is new",
                "gone.litmus: is no longer there",
            ]
        );
        assert_eq!(changes(&old, &old), []);
    }

    #[test]
    fn a_refusal_is_an_answer_and_a_limit_is_none() {
        let entry = |text: &str| read_folder(text).unwrap().remove(0);
        let complete = entry("a.litmus\n  a: rvwmo Always\n      rvwmo * 0:x5=0\n");
        let refused = entry("a.litmus\n  a: unsupported\n  line 1, column 1: no\n");
        let ended = entry("a.litmus\n  a: memory-limit\n  line 1, column 1: too much\n");
        assert!(ended.unfinished() && !refused.unfinished() && !complete.unfinished());
        let kind = |old: &SnapshotEntry, new: &SnapshotEntry| {
            changes(from_ref(old), from_ref(new))[0].kind
        };
        assert_eq!(kind(&complete, &refused), ChangeKind::Incomplete);
        assert_eq!(kind(&complete, &ended), ChangeKind::Unfinished);
        assert_eq!(kind(&refused, &ended), ChangeKind::Unfinished);
    }

    #[test]
    fn many_states_are_counted_not_listed() {
        let with = |states: usize| {
            let states = (0..states).map(|value| format!("      rvwmo   0:x5={value}\n"));
            let head = "a.litmus\n  a: rvwmo Always\n".to_owned();
            read_folder(&(head + &states.collect::<String>())).unwrap()
        };
        let listed = changes(&with(1), &with(1000));
        assert_eq!(listed.len(), LISTED + 1);
        assert_eq!(listed[LISTED].what, "and 979 more that a model now allows");
        assert_eq!(changes(&with(1000), &with(1)).len(), LISTED + 1);
        assert_eq!(changes(&with(1), &with(1 + LISTED)).len(), LISTED);
    }

    #[test]
    fn no_difference_is_lost() {
        let old = read_folder(OLD).unwrap();
        let mut starless = old.clone();
        starless[0].states[1].satisfies = false;
        assert_eq!(changes(&old, &starless).len(), 1);
    }
}

//! Stores of an iteration that nobody can see: those of a retry to memory that is not published yet.
//!
//! Who pushes a node onto a stack stores the node's next pointer, and then tries to publish the node with an
//! SC or `amocas`. If that fails he begins anew, and stores the next pointer again. The iteration that failed has
//! stored, so it is none that only reads (see [`super::repeat`]); but nobody else knew of the node, and so it may be
//! left out all the same.
//!
//! # When
//!
//! All rules are in force, and SCs may fail spuriously. The iteration *I*, between two arrivals at step *h*, is one
//! that could be left out if it were not for plain stores in it; no AMO in it has stored. Each store *S* of
//! these is to bytes *B* at an address that is always the same, and there are *publishers*: SCs, AMOs and
//! `amocas` of its hart, such that
//!
//! 1. on every way from *h* to a publisher stands a plain store *S'* to all of *B*, which is in order before the
//!    publisher: by a fence, or because the publisher is a release;
//! 2. no publisher of the hart stored before the second arrival;
//! 3. if what the publishers store is seen by nobody, then no other hart can have an address to read *B*, and this
//!    hart has none where it comes to from *h* before an *S'*;
//! 4. if the final state shows some of *B*, then on every way from *h* to the end stands such an *S'*.
//!
//! 1 and 4 are said of all ways that the code has, and 3 of all values that [`PossibleValues`] has, whatever the
//! conditions of branches.
//!
//! # Why
//!
//! *Nobody reads* S, *but for loads of* I. Call tainted what hangs on a publisher: a load that reads from one or from a
//! tainted store, and what has an address or data dependency on a tainted load, or is the same AMO. Each tainted
//! operation comes behind some publisher in the global memory order (gmo): by the load value axiom or rule 3 if it
//! reads from the publisher, and further on by rules 9 and 10, by the load value axiom where a load
//! reads from a store of another hart, and by rules 3 and 12 where it reads from one of its own. What is not
//! tainted has values that it would have if nobody saw what publishers store. Take a load *L* that reads *S* and
//! is not in *I*. If *L* is of the same hart, it comes after the second arrival, since rule 1 puts it before *S* if it is older;
//! and there is no *S'* between, for that hides *S*. So by 3 its address is tainted, and *L* follows some publisher in
//! gmo. By 2 that publisher comes after the second arrival, so by 1 an *S'* stands between, and *S*, *S'*, the publisher
//! and *L* follow one another in gmo. Then *S'* hides *S* from *L*.
//!
//! *So* I *may be left out*, as in [`super::repeat`]; what is said there of loads holds for what is left, and besides:
//! - Load value: none of the stores that are gone was the latest that a load could see, so the latest is the
//!   same.
//! - Rule 2, for loads *a* and *b* of a byte of *B* of which only *S* was between: *b* read another store than *S*,
//!   which by rule 1 is of another hart and follows *S* in gmo; and *a* precedes *S* by rule 1. So *a* precedes *b*.
//! - Atomicity: a store less that could lie between an LR and its SC. One of another hart may owe *S* the excuse for its
//!   failure, which is why it must not need one.
//! - The final values of *B* are those of later stores (4), or nobody looks at them.
//!
//! An execution from which an iteration is left out has fewer operations; of those with a final state one that has
//! fewest has no iteration that may be left out.

use super::possible_values::{PossibleValues, Values, successors};
use super::{Hart, ObservedFrom, Program};
use crate::arch::{Action, MemoryAccess};
use crate::litmus::HartId;

/// A store that nobody sees if an iteration of a loop is left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnseenStore {
    /// The step of the store.
    pub step: usize,
    /// The steps that may publish the memory that it stores to. None of them may have stored before.
    pub publishers: Vec<usize>,
}

/// Bytes of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Bytes {
    address: u64,
    count: u64,
}

impl Bytes {
    fn meets(self, address: u64, count: u64) -> bool {
        self.address < address.saturating_add(count) && address < self.address + self.count
    }

    fn within(self, other: Bytes) -> bool {
        other.address <= self.address && self.address + self.count <= other.address + other.count
    }
}

/// What is certain where code comes to from a loop's head.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Certain {
    Nothing,
    /// The bytes were stored to.
    Stored,
    /// And that is in order before every store to come.
    Ordered,
}

/// The stores of this kind of each of the loops of a hart that begin at `heads`.
pub(super) fn unseen_stores(
    program: &Program,
    hart: HartId,
    heads: &[usize],
) -> Vec<Vec<UnseenStore>> {
    let code = &program.harts[hart.index()];
    let mut found = vec![Vec::new(); heads.len()];
    let candidates: Vec<(usize, usize)> = heads
        .iter()
        .enumerate()
        .flat_map(|(loop_, head)| stores_of_loop(code, loop_, *head))
        .collect();
    if candidates.is_empty() {
        return found;
    }
    let all = |_| true;
    let Some(values) = PossibleValues::of(program, (hart, &[]), &all) else { return found };
    let stored: Vec<Option<Bytes>> = (0..code.code.len())
        .map(|at| match code.code[at].action {
            Action::Store { access, .. } => only_bytes(program, &values, hart, at, access),
            _ => None,
        })
        .collect();
    for (loop_, step) in candidates {
        let Some(bytes) = stored[step] else { continue };
        let certain = certain_from(code, heads[loop_], &stored, bytes);
        if is_hidden_at_end(program, &certain, bytes) {
            let publishers: Vec<usize> =
                (0..code.code.len()).filter(|at| may_publish(code, *at, certain[*at])).collect();
            if stays_unknown(program, hart, &certain, &publishers, bytes) {
                found[loop_].push(UnseenStore { step, publishers });
            }
        }
    }
    found
}

/// The stores between two arrivals at the head of loop number `loop_`, each with that number.
fn stores_of_loop(hart: &Hart, loop_: usize, head: usize) -> Vec<(usize, usize)> {
    let after = reached_from(hart, head);
    let is_store = |step: &usize| matches!(hart.code[*step].action, Action::Store { .. });
    let stores = (0..hart.code.len()).filter(|step| after[*step]).filter(is_store);
    stores.filter(|step| reached_from(hart, *step)[head]).map(|step| (loop_, step)).collect()
}

/// The steps that some way leads to from behind a step.
fn reached_from(hart: &Hart, first: usize) -> Vec<bool> {
    let mut reached = vec![false; hart.code.len() + 1];
    let mut todo = vec![first];
    while let Some(at) = todo.pop() {
        let Some(step) = hart.code.get(at) else { continue };
        for next in successors(step.action, at).into_iter().flatten() {
            if !std::mem::replace(&mut reached[next], true) {
                todo.push(next);
            }
        }
    }
    reached
}

/// The bytes that a store always stores to as one operation, if it is always the same.
fn only_bytes(
    program: &Program,
    values: &PossibleValues,
    hart: HartId,
    step: usize,
    access: MemoryAccess,
) -> Option<Bytes> {
    let count = access.width.bytes();
    match &values.addresses(hart.index(), step, access) {
        Values::Few(addresses) => match addresses[..] {
            [address]
                if address.is_multiple_of(count)
                    && program.location_at(address, count).is_some() =>
            {
                Some(Bytes { address, count })
            }
            _ => None,
        },
        Values::Unmarked | Values::Any => None,
    }
}

/// What is certain before each step, and at the end, of a store to `bytes` since the loop's head; `None` where
/// no way leads to from there.
fn certain_from(
    hart: &Hart,
    head: usize,
    stored: &[Option<Bytes>],
    bytes: Bytes,
) -> Vec<Option<Certain>> {
    let mut certain = vec![None; hart.code.len() + 1];
    certain[head] = Some(Certain::Nothing);
    let mut todo = vec![head];
    while let Some(at) = todo.pop() {
        let (Some(step), Some(before)) = (hart.code.get(at), certain[at]) else { continue };
        let after = match step.action {
            Action::Store { .. } if stored[at].is_some_and(|other| bytes.within(other)) => {
                before.max(Certain::Stored)
            }
            Action::Fence(pairs) if pairs.store_store && before == Certain::Stored => {
                Certain::Ordered
            }
            _ => before,
        };
        for next in successors(step.action, at).into_iter().flatten() {
            let least = certain[next].map_or(after, |known: Certain| known.min(after));
            if certain[next] != Some(least) {
                certain[next] = Some(least);
                todo.push(next);
            }
        }
    }
    certain
}

/// Condition 4.
fn is_hidden_at_end(program: &Program, certain: &[Option<Certain>], bytes: Bytes) -> bool {
    let at_end = certain[certain.len() - 1];
    !matches!(at_end, Some(Certain::Nothing))
        || !program.observed.iter().any(|observed| match observed.from {
            ObservedFrom::Memory { address, bytes: count } => bytes.meets(address, count),
            ObservedFrom::Register(..) => false,
        })
}

/// Condition 1.
fn may_publish(hart: &Hart, at: usize, certain: Option<Certain>) -> bool {
    let action = &hart.code[at].action;
    let publishes = matches!(
        action,
        Action::StoreConditional { .. } | Action::Amo { .. } | Action::CompareAndSwap { .. }
    );
    publishes
        && match certain {
            Some(Certain::Ordered) => true,
            Some(Certain::Stored) => action.order().rl(),
            Some(Certain::Nothing) | None => false,
        }
}

/// Condition 3.
fn stays_unknown(
    program: &Program,
    hart: HartId,
    certain: &[Option<Certain>],
    publishers: &[usize],
    bytes: Bytes,
) -> bool {
    let Some(values) = PossibleValues::of(program, (hart, publishers), &|_| true) else {
        return false;
    };
    program.harts.iter().enumerate().all(|(h, other)| {
        let steps = other.code.iter().enumerate().filter(|(_, step)| step.action.reads_memory());
        let mut accesses = steps.filter_map(|(at, step)| Some((at, step.action.access()?)));
        accesses.all(|(at, access)| {
            let hidden = h == hart.index() && certain[at] != Some(Certain::Nothing);
            hidden
                || match values.addresses(h, at, access) {
                    Values::Unmarked | Values::Any => false,
                    Values::Few(addresses) => {
                        !addresses.iter().any(|address| bytes.meets(*address, access.width.bytes()))
                    }
                }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{LineIndex, parse};
    use crate::model::{BaseModel, Options};
    use crate::program::repeat::loop_heads;
    use crate::program::{full_hart, link};

    const NONE: [usize; 0] = [];
    const PUSH: &str = "L: lr.d x12,(x11); sd x12,0(x10); sc.d.rl x13,x10,(x11); bnez x13,L";
    const POP: &str = "lr.d x12,(x11); beqz x12,E; ld x14,0(x12); sc.d x13,x14,(x11); E: nop";

    /// The stores of the first of two harts that nobody sees; the second has a location for `x10`.
    fn unseen(code: &str, other: &str, its: &str, observed: &str) -> Vec<usize> {
        let (first, second): (Vec<&str>, Vec<&str>) =
            (code.split(';').collect(), other.split(';').collect());
        let row = |at: usize| {
            let [a, b] = [&first, &second].map(|code| code.get(at).map_or("", |step| step.trim()));
            format!(" {a} | {b} ;\n")
        };
        let rows: String = (0..first.len().max(second.len())).map(row).collect();
        let text = format!(
            "RISCV t\n{{ uint64_t n[2]={{0,0}}; uint64_t m=0; uint64_t top=0; 0:x10=n; 0:x11=top; \
             1:x10={its}; 1:x11=top; }}\n P0 | P1 ;\n{rows}locations [{observed};]\nexists (true)\n"
        );
        let test = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let program =
            link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo)).expect("links");
        let heads = loop_heads(&program, HartId(0), &Options::default());
        heads.into_iter().flatten().flat_map(|head| head.unseen).map(|store| store.step).collect()
    }

    #[test]
    fn what_is_not_published_is_unseen() {
        assert_eq!(unseen(PUSH, POP, "m", "top"), [1]);
        assert_eq!(unseen(PUSH, POP, "m", "n[0]"), [1]);
        let swap = "L: ld x12,0(x11); sd x12,0(x10); fence rw,w; mv x13,x12; \
                    amocas.d x13,x10,(x11); bne x13,x12,L";
        assert_eq!(unseen(swap, POP, "m", "top"), [1]);
    }

    #[test]
    fn what_others_may_see_is_not() {
        // Nothing orders the store before the node is published.
        assert_eq!(unseen(&PUSH.replace(".rl", ""), POP, "m", "top"), NONE);
        // It is published before.
        assert_eq!(unseen(&format!("sd x10,0(x11); {PUSH}"), POP, "m", "top"), NONE);
        assert_eq!(unseen(PUSH, POP, "m", "top").len(), 1);
        // The other hart has the node, too.
        assert_eq!(unseen(PUSH, "ld x14,0(x10)", "n", "top"), NONE);
        assert_eq!(unseen(PUSH, "ld x14,8(x10)", "n", "top"), [1]);
        // The next iteration looks.
        assert_eq!(unseen(&PUSH.replace("L: ", "L: ld x14,0(x10); "), POP, "m", "top"), NONE);
        // The final state shows what an iteration leaves that is not the last to store.
        let leaves = PUSH.replace("sd x12", "bnez x12,E; sd x12") + "; E: nop";
        assert_eq!(unseen(&leaves, POP, "m", "n[0]"), NONE);
        assert_eq!(unseen(&leaves, POP, "m", "top"), [2]);
    }
}

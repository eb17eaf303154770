//! All contexts of a sequence, up to a number of accesses.
//!
//! A context is what stands before the sequence and behind it in its hart, and other harts of one or two
//! accesses with a fence of all pairs between them. These are enough. What ordering forbids is a cycle in
//! the global memory order; take a shortest one. It passes through other harts from an access `c`, which
//! communicates with one of the sequence's hart, to an access `d`, which communicates with another one of it,
//! and whatever lies between `c` and `d`, they are in that order in every execution: so a hart that has both
//! with a fence between them forbids the same. Accesses that only lend a value are harts of one access. Two
//! accesses of one location are one: what is ordered between them by coherence, each alone is.
//!
//! An access that conflicts with none of another hart changes nothing, so there is none; the sequence is taken
//! to read and write wherever it has an address. Locations of the context alone are named as they appear, and
//! other harts are sorted: each class under renaming is there once.

use crate::program::Access;

/// An access of a context.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct ContextAccess {
    /// The number of its kind.
    pub(super) kind: u8,
    /// The number of its location.
    pub(super) location: u8,
    /// The register of the sequence that its address depends on; 0 for none.
    pub(super) behind: u8,
}

/// A context.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Context {
    /// What stands before the sequence.
    pub(super) before: Vec<ContextAccess>,
    /// What stands behind it.
    pub(super) after: Vec<ContextAccess>,
    /// The other harts.
    pub(super) others: Vec<Vec<ContextAccess>>,
}

impl Context {
    fn own(&self) -> impl Iterator<Item = &ContextAccess> {
        self.before.iter().chain(&self.after)
    }
}

/// There are more contexts than are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TooMany;

/// What contexts are made of.
pub(super) struct Kinds {
    /// The accesses of the sequence's hart.
    pub(super) own: Vec<Access>,
    /// Those of other harts.
    pub(super) other: Vec<Access>,
    /// How many locations the sequence may access.
    pub(super) locations: u8,
    /// The registers of the sequence that addresses behind it may depend on.
    pub(super) behind: Vec<u8>,
}

impl Kinds {
    /// Every context of at most so many accesses, fewer first.
    pub(super) fn contexts(&self, accesses: usize, most: usize) -> Result<Vec<Context>, TooMany> {
        let mut found = Vec::new();
        for total in 0..=accesses {
            for own in (0..=total).rev() {
                for before in (0..=own).rev() {
                    for pairs in (0..=(total - own) / 2).rev() {
                        let mut lengths = vec![2; pairs];
                        lengths.extend(vec![1; total - own - 2 * pairs]);
                        let sizes = Sizes { before, after: own - before, others: &lengths };
                        self.extend(&sizes, &mut Context::default(), &mut found, most)?;
                    }
                }
            }
        }
        Ok(found)
    }

    fn extend(
        &self,
        sizes: &Sizes<'_>,
        context: &mut Context,
        found: &mut Vec<Context>,
        most: usize,
    ) -> Result<(), TooMany> {
        if context.before.len() < sizes.before {
            return self.each_own(sizes, context, &[0], &mut |kinds, context, access| {
                context.before.push(access);
                kinds.extend(sizes, context, found, most)?;
                context.before.pop();
                Ok(())
            });
        }
        if context.after.len() < sizes.after {
            let behind: Vec<u8> = [0].into_iter().chain(self.behind.iter().copied()).collect();
            return self.each_own(sizes, context, &behind, &mut |kinds, context, access| {
                context.after.push(access);
                kinds.extend(sizes, context, found, most)?;
                context.after.pop();
                Ok(())
            });
        }
        let Some(length) = sizes.others.get(context.others.len()) else {
            if self.all_conflict(context) {
                if found.len() == most {
                    return Err(TooMany);
                }
                found.push(context.clone());
            }
            return Ok(());
        };
        for first in self.accesses_of_others(context) {
            if *length == 1 {
                self.with_hart(sizes, context, vec![first], found, most)?;
                continue;
            }
            for second in self.accesses_of_others(context) {
                if second.location != first.location {
                    self.with_hart(sizes, context, vec![first, second], found, most)?;
                }
            }
        }
        Ok(())
    }

    fn with_hart(
        &self,
        sizes: &Sizes<'_>,
        context: &mut Context,
        hart: Vec<ContextAccess>,
        found: &mut Vec<Context>,
        most: usize,
    ) -> Result<(), TooMany> {
        // Harts of one length are sorted.
        let before = context.others.last().filter(|before| before.len() == hart.len());
        if before.is_some_and(|before| *before > hart) {
            return Ok(());
        }
        context.others.push(hart);
        self.extend(sizes, context, found, most)?;
        context.others.pop();
        Ok(())
    }

    /// Every access of the sequence's own hart, in the locations known so far and a new one.
    fn each_own(
        &self,
        sizes: &Sizes<'_>,
        context: &mut Context,
        behind: &[u8],
        each: &mut dyn FnMut(&Kinds, &mut Context, ContextAccess) -> Result<(), TooMany>,
    ) -> Result<(), TooMany> {
        let known = context.own().map(|access| access.location + 1).max().unwrap_or(0);
        let mut accessed: Vec<u8> = context.own().map(|access| access.location).collect();
        accessed.sort_unstable();
        accessed.dedup();
        // Other harts are to access each of these locations.
        let full = accessed.len() >= sizes.others.iter().sum();
        for location in 0..=known.max(self.locations) {
            if full && !accessed.contains(&location) {
                continue;
            }
            for kind in 0..self.own.len() as u8 {
                for behind in behind {
                    each(self, context, ContextAccess { kind, location, behind: *behind })?;
                }
            }
        }
        Ok(())
    }

    /// Every access of another hart that conflicts with the sequence's hart.
    fn accesses_of_others(&self, context: &Context) -> Vec<ContextAccess> {
        let known = context.own().map(|access| access.location + 1).max().unwrap_or(0);
        let mut accesses = Vec::new();
        for location in 0..known.max(self.locations) {
            for kind in 0..self.other.len() as u8 {
                let access = ContextAccess { kind, location, behind: 0 };
                let conflicts = |own: &ContextAccess| self.conflict(own, &access);
                if location < self.locations || context.own().any(conflicts) {
                    accesses.push(access);
                }
            }
        }
        accesses
    }

    fn conflict(&self, own: &ContextAccess, other: &ContextAccess) -> bool {
        let writes = [&self.own[usize::from(own.kind)], &self.other[usize::from(other.kind)]];
        own.location == other.location && writes.iter().any(|access| access.op.writes())
    }

    /// Does every access of the sequence's hart conflict with one of another hart?
    fn all_conflict(&self, context: &Context) -> bool {
        let mut others = context.own();
        others.all(|own| context.others.iter().flatten().any(|other| self.conflict(own, other)))
    }
}

struct Sizes<'s> {
    before: usize,
    after: usize,
    others: &'s [usize],
}

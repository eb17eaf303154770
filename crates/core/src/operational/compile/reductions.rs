//! Which reductions an exploration uses.

/// The reductions, each with a switch, so that their answer can be compared with the naive one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reductions {
    /// Loads decide as soon as they can be performed, and sleep until the next store; forks are
    /// guessed only when something below could go ahead. Off: every enabled operation may come next.
    pub sleeping_loads: bool,
    /// Of the enabled stores only a stubborn set is branched on.
    pub stubborn_sets: bool,
    /// Values that cannot matter any more are left out of the key.
    pub dead_values: bool,
    /// What was computed from values is part of the key in their place.
    pub computed_values: bool,
    /// Of states that differ only in which of several equal harts is where, one is kept; of steps that
    /// differ only in which of them takes them, one is followed.
    pub symmetry: bool,
    /// The same of harts that are equal but for locations of their own, which are exchanged with them.
    pub renaming: Use,
    /// Stores that nobody reads come right before the last store to their bytes.
    pub overwritten_stores: bool,
    /// Loads that nothing asks for a value, and that keep nothing in order, are left out.
    pub dead_loads: bool,
    /// Loads whose value nobody asks for, or that can return one only, are performed as soon as they can be.
    pub unused_loads: bool,
    /// AMOs whose results nobody asks for, and that come to the same in any order, come in one order.
    pub commuting_amos: bool,
    /// Branches whose arms only compute are no forks.
    pub selects: bool,
    /// Iterations that leave everything as it was are left out: see [`crate::program::repeat`]. Off,
    /// the loops are followed to their bound, and are cut there.
    pub idle_iterations: bool,
    /// And so are those that store where nobody can see it: see [`crate::program::retries`].
    pub unseen_retries: bool,
    /// Where a loop was cut it is followed further, as long as that is cheap: if nothing is cut then, and no
    /// final state is new, the answer is complete.
    pub deeper_loops: bool,
    /// Sets of local states are followed instead of local states.
    pub local_sets: Use,
    /// With sets, values that never reach the final state are not told apart.
    pub blank_values: bool,
    /// With sets, a register of which it is known what it will hold stands for the values it is computed from.
    pub early_results: bool,
    /// Of states that were met fingerprints are kept: where large, once their keys do not fit into memory.
    pub fingerprints: Use,
}

/// When a reduction is used that may cost more than it saves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Use {
    /// Never.
    Never,
    /// Once much was done without it, and with bounded patience.
    WhenLarge,
    /// Nothing else is tried, and that not for long.
    Briefly,
    /// Wherever it applies.
    Always,
}

impl Reductions {
    /// Every order of everything: what the reductions are compared with.
    pub const NONE: Reductions = Reductions::all(false);
    /// All of them.
    pub const ALL: Reductions = Reductions::all(true);

    const fn all(on: bool) -> Reductions {
        Reductions {
            sleeping_loads: on,
            stubborn_sets: on,
            dead_values: on,
            computed_values: on,
            symmetry: on,
            renaming: if on { Use::WhenLarge } else { Use::Never },
            overwritten_stores: on,
            dead_loads: on,
            unused_loads: on,
            commuting_amos: on,
            selects: on,
            idle_iterations: on,
            unseen_retries: on,
            deeper_loops: on,
            blank_values: on,
            early_results: on,
            local_sets: if on { Use::WhenLarge } else { Use::Never },
            fingerprints: if on { Use::WhenLarge } else { Use::Never },
        }
    }
}

impl Default for Reductions {
    fn default() -> Self {
        Reductions::ALL
    }
}

/// What earlier explorations of a program met that its compilation has to allow for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refinement {
    /// Accesses, as address and bytes, that cut a cell.
    pub(crate) accesses: Vec<(u64, u64)>,
    /// Harts and steps whose computed address was misaligned.
    pub(crate) splits: Vec<(usize, usize)>,
    /// Harts and steps that a computed jump came to though their address is named nowhere.
    pub(crate) targets: Vec<(usize, usize)>,
}

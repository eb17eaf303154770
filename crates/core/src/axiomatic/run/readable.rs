//! The values that a read may return, when one hart runs alone.

use crate::axiomatic::footprint::{Footprint, bit_mask};
use crate::axiomatic::overlay::{Sheet, each_overlay};
use crate::axiomatic::pool::{Image, Past};
use crate::model::Rule;
use crate::program::Program;

use super::state::State;
use super::{Runner, Scope};

impl Runner<'_> {
    /// The values that a read of `target` may return at this point, each with what it needs.
    ///
    /// A store of this hart that comes later in program order is not read from, nor one that a later
    /// store of this hart hides, as the load value axiom and rule 1 say. `itself` is the number of the
    /// store that the reading instruction is, if it is one.
    pub(super) fn readable(
        &self,
        state: &State,
        target: Footprint,
        itself: Option<usize>,
    ) -> Vec<(u128, Past)> {
        let plausible = self.scope == Scope::Plausible;
        let own_in_order = plausible && self.options.rules.contains(Rule::R1);
        let mut hidden = 0;
        let mut seen: Vec<&Image> = Vec::new();
        let mut sheets = Vec::new();
        for image in state.images.iter().rev() {
            let covers = target.covered_by(image.footprint);
            if covers != 0 {
                let visible = if own_in_order { covers & !hidden } else { covers };
                sheets.push(Sheet { covers, visible });
                seen.push(image);
                hidden |= covers;
            }
        }
        for image in self.pool.images() {
            let covers = target.covered_by(image.footprint);
            let nth = image.name.nth;
            let later = !own_in_order && nth >= state.stores && Some(nth) != itself;
            if covers != 0 && (image.name.hart != self.hart || later) {
                sheets.push(Sheet { covers, visible: covers });
                seen.push(image);
            }
        }
        let initial = initial_value(self.program, target);
        let mut values: Vec<(u128, Past)> = Vec::new();
        let bottom = if plausible { target.mask() & !hidden } else { target.mask() };
        each_overlay(target.mask(), &sheets, bottom, self.stop, |patches| {
            let mut value = 0;
            let mut past = Past::default();
            for patch in patches {
                let bits = bit_mask(patch.bytes);
                value |= bits
                    & patch
                        .sheet
                        .map_or(initial, |s| seen[s].footprint.project(seen[s].value, target));
                past = patch.sheet.map_or(past, |s| past.and(seen[s].past));
            }
            match values.iter_mut().find(|(known, _)| *known == value) {
                Some((_, known)) => *known = known.or(past),
                None => values.push((value, past)),
            }
        });
        values
    }
}

/// What the initial state holds at `target`, which lies in a location.
#[must_use]
pub(in crate::axiomatic) fn initial_value(program: &Program, target: Footprint) -> u128 {
    let Some(location) = program.location_at(target.address, u64::from(target.width)) else {
        return 0;
    };
    let start = (target.address - location.address) as usize;
    let bytes = &location.initial[start..start + usize::from(target.width)];
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u128::from(*byte))
}

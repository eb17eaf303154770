//! What each release brought: registers and changes, out of the tables.

use super::config::ConfigReg;
use super::group::GroupedReg;
use super::id::RegId;
use super::isa_ext::IsaRegister;
use crate::kernel::change::changes;
use crate::kernel::release::{Policy, Release};

/// One release.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReleaseHistory {
    /// Which.
    pub release: Release,
    /// The registers that came with it, by id.
    pub registers: Vec<RegId>,
    /// What it does otherwise than the one before it, a sentence each.
    pub changes: Vec<&'static str>,
}

impl Policy {
    /// The releases that led from the policy before this one to this, those without a change left out.
    #[must_use]
    pub fn history(self) -> Vec<ReleaseHistory> {
        let until = self.release();
        let after = Policy::ALL.into_iter().map(Policy::release).filter(|r| *r < until).max();
        let config = ConfigReg::all().map(|r| (r.since(), RegId::config(r)));
        let isa = IsaRegister::all().map(|r| (r.since(), RegId::isa_single(r)));
        let grouped = GroupedReg::all().map(|r| (r.since, r.id(16)));
        let registers: Vec<(Release, RegId)> = config.chain(isa).chain(grouped).collect();
        let mut releases: Vec<Release> = registers.iter().map(|(release, _)| *release).collect();
        releases.extend(changes().map(|(release, _)| release));
        // Of the first policy the last release alone: all else is what it began with.
        releases.retain(|r| *r <= until && after.map_or(*r == until, |after| *r > after));
        releases.sort();
        releases.dedup();
        let of = |release: Release| ReleaseHistory {
            release,
            registers: registers.iter().filter(|(r, _)| *r == release).map(|(_, id)| *id).collect(),
            changes: changes().filter(|(r, _)| *r == release).map(|(_, t)| t).collect(),
        };
        releases.into_iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ztso_came_on_the_way_to_6_12() {
        let history = Policy::Linux6_12.history();
        let of = history.iter().find(|of| of.release == Release::new(6, 9)).unwrap();
        let names: Vec<String> = of.registers.iter().map(|id| id.name()).collect();
        assert_eq!(names, ["isa_ext.ztso", "isa_ext.zacas"]);
        assert_eq!(of.changes, ["Ztso has a register, and it cannot be turned off"]);
        assert_eq!(history.first().unwrap().release, Release::new(6, 7));
        assert_eq!(Policy::Linux6_6.history().len(), 1);
        let last = Policy::Linux7_3.history();
        assert_eq!((last.len(), last[0].registers.len()), (1, 2 + 1 + 9));
    }
}

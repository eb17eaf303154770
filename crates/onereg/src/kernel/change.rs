//! What a release does otherwise than the one before it: one table, which the model asks and `onereg releases`
//! prints. Registers that came with a release are in the tables of `register`.

use super::release::{Policy, Release};

/// A difference between releases that an answer depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// SBI_EXT looks at the value before it looks for the extension.
    SbiValueFirst,
    /// MULTI_EN and MULTI_DIS of SBI_EXT are in no list.
    NoMultiInList,
    /// `sstateen0` is checked, with EINVAL for what is not there.
    SmstateenChecked,
    /// Ssaia can be turned off where there is Smstateen.
    SsaiaOffBySmstateen,
    /// VECTOR registers are in the list.
    VectorsInList,
    /// `sip` keeps the overflow of counters.
    OverflowInSip,
    /// A function of its own resolves what extensions contain and need.
    ResolveIsa,
    /// `a` brings Zaamo and Zalrsc.
    AtomicsOfA,
    /// F, vectors and what rests on them have conditions.
    FloatConditions,
    /// `scounteren` is 0 in a fresh vCPU.
    ScounterenZero,
    /// Block sizes follow the host, not the vCPU.
    BlocksOfHost,
    /// State of SBI extensions is looked for by extension.
    SbiStateByExtension,
    /// CSRs of AIA and Smstateen need the extension in the vCPU.
    CsrsByExtension,
    /// The rules of extensions have files of their own.
    IsaFile,
    /// Block sizes are never hidden.
    BlocksShown,
    /// `shmem_lo` has to be aligned.
    StolenTimeAligned,
    /// `sip` shows the overflow of counters once.
    OverflowOnceInSip,
    /// Turning the timer on keeps `compare`.
    TimerKeepsCompare,
    /// `zfh` brings `zfhmin`, `zvfh` `zvfhmin`.
    HalfBringsMinimum,
    /// Disabling an SBI extension resets its state.
    SbiDisableResets,
}

/// A row: what changed, if an answer depends on it; in which release; a sentence.
struct Row(Option<Change>, Release, &'static str);

const fn row(change: Change, major: u8, minor: u8, text: &'static str) -> Row {
    Row(Some(change), Release::new(major, minor), text)
}

const fn told(major: u8, minor: u8, text: &'static str) -> Row {
    Row(None, Release::new(major, minor), text)
}

/// By release.
const ROWS: [Row; 25] = [
    told(6, 6, "KVM_GET_REG_LIST (before 6.6 there is none: EINVAL)"),
    told(6, 6, "an unknown register is ENOENT; before 6.6 it was EINVAL for most types"),
    told(6, 6, "a change after the first run is EBUSY; before 6.6 it was EOPNOTSUPP"),
    told(6, 6, "no register for Ztso: what the hardware does, the guest gets"),
    row(Change::SbiValueFirst, 6, 7, "SBI_EXT: the value is checked before the index"),
    row(
        Change::NoMultiInList,
        6,
        7,
        "the list has the SBI_EXT registers that the host has, and no MULTI (before: all of them)",
    ),
    row(Change::SmstateenChecked, 6, 7, "sstateen0 is EINVAL on a host without Smstateen"),
    row(
        Change::SsaiaOffBySmstateen,
        6,
        7,
        "Ssaia may be turned off if the host has Smstateen (before: never)",
    ),
    row(Change::VectorsInList, 6, 8, "the list has the VECTOR registers"),
    told(6, 9, "Ztso has a register, and it cannot be turned off"),
    row(Change::OverflowInSip, 6, 10, "csr.sip keeps the overflow of counters, shown in two bits"),
    row(
        Change::ResolveIsa,
        6,
        11,
        "what extensions contain and need is resolved in a function of its own, riscv_resolve_isa",
    ),
    row(Change::AtomicsOfA, 6, 15, "in a device tree a brings zaamo and zalrsc"),
    row(
        Change::FloatConditions,
        6,
        15,
        "F is not accepted without D, nor what needs F or vectors without them",
    ),
    row(Change::ScounterenZero, 6, 16, "csr.scounteren is 0 in a fresh vCPU (before: 7)"),
    row(
        Change::BlocksOfHost,
        6,
        18,
        "block sizes follow the host: ENOENT where it lacks the extension, visible where only the vCPU lacks it",
    ),
    row(
        Change::SbiStateByExtension,
        6,
        18,
        "an unknown index of SBI_STATE is ENOENT (before: EINVAL); states of an extension that is off are EINVAL",
    ),
    row(
        Change::CsrsByExtension,
        7,
        0,
        "AIA and Smstateen CSRs that the vCPU lacks are ENOENT (before: 0 and EINVAL)",
    ),
    row(Change::IsaFile, 7, 1, "the rules of ISA_EXT move to kvm/isa.c and kvm/vcpu_config.c"),
    row(
        Change::BlocksShown,
        7,
        2,
        "block sizes are never hidden: 0 where the host lacks the extension, and 0 may be set",
    ),
    row(
        Change::StolenTimeAligned,
        7,
        2,
        "shmem_lo of STA is a multiple of 64 or all ones (before: anything)",
    ),
    row(Change::OverflowOnceInSip, 7, 2, "csr.sip shows the overflow of counters in one bit"),
    row(Change::TimerKeepsCompare, 7, 2, "timer.state = 1 keeps compare (before: it became 1)"),
    row(
        Change::HalfBringsMinimum,
        7,
        3,
        "in a device tree zfh brings zfhmin, and zvfh brings zvfhmin",
    ),
    row(Change::SbiDisableResets, 7, 3, "disabling an SBI extension resets its state"),
];

/// Release and sentence of every row.
pub(crate) fn changes() -> impl Iterator<Item = (Release, &'static str)> {
    ROWS.iter().map(|Row(_, release, text)| (*release, *text))
}

impl Policy {
    /// Has that changed in the kernel of this policy?
    pub(crate) fn has(self, change: Change) -> bool {
        ROWS.iter().any(|row| row.0 == Some(change) && row.1 <= self.release())
    }

    /// Are VECTOR registers in the list?
    pub(crate) fn lists_vectors(self) -> bool {
        self.has(Change::VectorsInList)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_by_release() {
        assert!(ROWS.is_sorted_by_key(|row| row.1));
        assert!(Policy::Linux6_12.has(Change::VectorsInList));
        assert!(!Policy::Linux6_12.has(Change::AtomicsOfA));
        assert!(Policy::Linux7_3.has(Change::SbiDisableResets));
    }
}

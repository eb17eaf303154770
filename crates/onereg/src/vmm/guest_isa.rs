//! What a guest is told: the ISA line of its device tree, and what a Linux in it makes of that.

use rvlitmus_core::model::BaseModel;

use crate::isa::block_sizes::BlockSizes;
use crate::isa::extension::{IsaExt, IsaExtSet};
use crate::isa::isa_string::IsaString;
use crate::kernel::hwprobe::HwprobeBit;
use crate::kernel::release::Policy;
use crate::kernel::resolve::resolve_isa;

/// What a guest is told of its harts. The guest is taken to be a Linux of the host's release.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuestIsa {
    /// The ISA line of its device tree: `rv64imafdc_zicbom_ztso`.
    pub line: String,
    /// What the guest's kernel accepts of it: the line in its `/proc/cpuinfo`.
    pub accepted: IsaExtSet,
    /// The bit of hwprobe by which its programs learn of Ztso, if it is set.
    pub hwprobe_ztso: Option<HwprobeBit>,
}

impl GuestIsa {
    /// What a guest is told by a device tree with that line.
    #[must_use]
    pub fn new(line: String, guest: Policy, blocks: &BlockSizes) -> GuestIsa {
        let base = IsaExt::Zicsr | IsaExt::Zifencei | IsaExt::Zicntr | IsaExt::Zihpm;
        let named = IsaString::parse(&line).map(|isa| isa.named()).unwrap_or_default();
        let accepted = resolve_isa(named | base, guest, blocks).accepted;
        let bit = IsaExt::Ztso.hwprobe().filter(|bit| bit.since <= guest.release());
        let hwprobe_ztso = bit.filter(|_| accepted.contains(IsaExt::Ztso));
        GuestIsa { line, accepted, hwprobe_ztso }
    }

    /// The memory model that the guest may rely on by what it is told.
    #[must_use]
    pub fn model(&self) -> BaseModel {
        if self.accepted.contains(IsaExt::Ztso) { BaseModel::Ztso } else { BaseModel::Rvwmo }
    }
}

/// The letters of ISA lines, in order.
const LETTERS: &str = "iemafdqlcbkjtpvnh";

/// An ISA line that names these, in the order of Linux and of QEMU: letters, then by category.
#[must_use]
pub fn isa_line(set: IsaExtSet) -> String {
    let place = |letter: char| LETTERS.find(letter).unwrap_or(LETTERS.len());
    let mut letters: Vec<&str> = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for ext in set {
        let list = if ext.token().len() == 1 { &mut letters } else { &mut words };
        list.push(ext.token());
    }
    letters.sort_by_key(|letter| letter.chars().next().map(place));
    words.sort_by_key(|word| {
        let category = word.chars().nth(1).map(place);
        (word.starts_with('s'), if word.starts_with('s') { None } else { category }, *word)
    });
    let mut line = format!("rv64{}", letters.concat());
    for word in words {
        line.push('_');
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_in_the_kernels_order() {
        let line = "rv64imafdcv_zicbom_zicsr_zacas_zawrs_zfh_zba_ztso_zvkt_smstateen_ssaia_svpbmt";
        let named = IsaString::parse(line).unwrap().named();
        assert_eq!(isa_line(named), line);
    }

    #[test]
    fn a_line_is_read_as_the_guests_kernel_reads_it() {
        let told =
            |line: &str, guest| GuestIsa::new(line.to_owned(), guest, &BlockSizes::default());
        let ztso = told("rv64gc_ztso", Policy::Linux7_2);
        assert_eq!((ztso.model(), ztso.hwprobe_ztso.unwrap().bit), (BaseModel::Ztso, 33));
        let old = told("rv64gc_ztso", Policy::Linux6_6);
        assert_eq!((old.model(), old.hwprobe_ztso), (BaseModel::Rvwmo, None));
    }
}

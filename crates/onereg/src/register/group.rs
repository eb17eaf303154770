//! Every register of a vCPU beside CONFIG and ISA_EXT: one table.
//!
//! A row is a group of registers with one type and subtype, named in index order. Read in
//! `arch/riscv/include/uapi/asm/kvm.h` of Linux 6.6 to 7.3. What a register answers is in
//! `vcpu/grouped_regs.rs`.

use std::sync::LazyLock;

use strum::{FromRepr, VariantArray};

use super::id::RegId;
use crate::kernel::release::{Policy, Release};

/// A group of registers: one type, one subtype. In the kernel's order of KVM_GET_REG_LIST, but for
/// CONFIG, which goes before all, and ISA_EXT, which goes before [`Group::SbiExt`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, VariantArray)]
#[allow(missing_docs)] // the kernel's names
pub enum Group {
    Core,
    CsrGeneral,
    CsrAia,
    CsrSmstateen,
    CsrZicfiss,
    Timer,
    FpF,
    FpD,
    Vector,
    SbiExt,
    SbiMultiEnable,
    SbiMultiDisable,
    SbiSta,
    SbiFwft,
}

/// The type of a register that belongs to a group: bits 31..24 of the id, `KVM_REG_RISCV_*`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, FromRepr)]
#[repr(u8)]
#[allow(missing_docs)] // the kernel's names
pub enum RegType {
    Core = 2,
    Csr = 3,
    Timer = 4,
    FpF = 5,
    FpD = 6,
    SbiExt = 8,
    Vector = 9,
    SbiState = 10,
}

/// Type and subtype of a group, the prefix of its names, and the names by index. `a0..a7` is eight
/// of them, `@6.8` says which release brought the following, `-` is an index without register.
struct Row(Group, RegType, u8, &'static str, &'static str);

const ROWS: &[Row] = &[
    Row(
        Group::Core,
        RegType::Core,
        0,
        "core",
        "@5.16 pc ra sp gp tp t0..t2 s0..s1 a0..a7 s2..s11 t3..t6 mode",
    ),
    Row(
        Group::CsrGeneral,
        RegType::Csr,
        0,
        "csr",
        "@5.16 sstatus sie stvec sscratch sepc scause stval sip satp scounteren @6.7 senvcfg",
    ),
    Row(
        Group::CsrAia,
        RegType::Csr,
        1,
        "csr",
        "@6.4 siselect iprio1 iprio2 sieh siph iprio1h iprio2h",
    ),
    Row(Group::CsrSmstateen, RegType::Csr, 2, "csr", "@6.7 sstateen0"),
    Row(Group::CsrZicfiss, RegType::Csr, 3, "csr", "@7.3 ssp"),
    Row(Group::Timer, RegType::Timer, 0, "timer", "@5.16 frequency time compare state"),
    Row(Group::FpF, RegType::FpF, 0, "fp_f", "@5.16 f0..f31 fcsr"),
    Row(Group::FpD, RegType::FpD, 0, "fp_d", "@5.16 f0..f31 fcsr"),
    Row(
        Group::Vector,
        RegType::Vector,
        0,
        "vector",
        "@6.5 vstart vl vtype vcsr @6.8 vlenb - @6.5 v0..v31",
    ),
    Row(
        Group::SbiExt,
        RegType::SbiExt,
        0,
        "sbi_ext",
        "@6.4 v01 time ipi rfence srst hsm pmu experimental vendor @6.7 dbcn @6.8 sta @6.13 susp \
         @6.18 fwft @6.19 mpxy",
    ),
    Row(Group::SbiMultiEnable, RegType::SbiExt, 1, "sbi_ext.multi_en", "@6.4 0"),
    Row(Group::SbiMultiDisable, RegType::SbiExt, 2, "sbi_ext.multi_dis", "@6.4 0"),
    Row(Group::SbiSta, RegType::SbiState, 0, "sbi_state.sta", "@6.8 shmem_lo shmem_hi"),
    Row(
        Group::SbiFwft,
        RegType::SbiState,
        1,
        "sbi_state.fwft",
        "@6.18 misaligned_deleg.enable misaligned_deleg.flags misaligned_deleg.value \
         pointer_masking.enable pointer_masking.flags pointer_masking.value \
         @7.3 pte_ad_hw_updating.enable pte_ad_hw_updating.flags pte_ad_hw_updating.value \
         landing_pad.enable landing_pad.flags landing_pad.value \
         shadow_stack.enable shadow_stack.flags shadow_stack.value",
    ),
];

/// A register of the table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupedReg {
    /// Its group.
    pub group: Group,
    /// Its index: bits 15..0 of the id.
    pub index: u16,
    /// Its name with the group's prefix: `csr.sstatus`.
    pub name: String,
    /// The first kernel that has it.
    pub since: Release,
}

/// [`ROWS`], spelled out.
static REGISTERS: LazyLock<Vec<GroupedReg>> = LazyLock::new(|| {
    ROWS.iter().flat_map(|Row(group, _, _, prefix, names)| spelled(*group, prefix, names)).collect()
});

fn spelled(group: Group, prefix: &str, names: &str) -> Vec<GroupedReg> {
    let mut since = Release::new(5, 16);
    let mut index = 0;
    let mut found = Vec::new();
    for word in names.split_whitespace() {
        if let Some(release) = word.strip_prefix('@') {
            since = Release::parse(release).expect("a release of the table");
            continue;
        }
        for name in range(word) {
            if name != "-" {
                found.push(GroupedReg { group, index, name: format!("{prefix}.{name}"), since });
            }
            index += 1;
        }
    }
    found
}

/// `a0..a7` as eight names, anything else as itself.
fn range(word: &str) -> Vec<String> {
    let number = |text: &str| text.trim_start_matches(char::is_alphabetic).parse::<u16>().ok();
    let ends = word.split_once("..").and_then(|(a, b)| Some((a, number(a)?, number(b)?)));
    let Some((first, from, to)) = ends else { return vec![word.to_owned()] };
    let letters = first.trim_end_matches(|c: char| c.is_ascii_digit());
    (from..=to).map(|n| format!("{letters}{n}")).collect()
}

impl Group {
    /// The type: bits 31..24 of the id.
    #[must_use]
    pub fn reg_type(self) -> RegType {
        self.row().1
    }

    /// The subtype: bits 23..16 of the id.
    #[must_use]
    pub fn subtype(self) -> u8 {
        self.row().2
    }

    fn row(self) -> &'static Row {
        ROWS.iter().find(|row| row.0 == self).expect("every group has a row")
    }

    /// Its registers, by index.
    pub fn registers(self) -> impl Iterator<Item = &'static GroupedReg> {
        GroupedReg::all().filter(move |register| register.group == self)
    }
}

impl GroupedReg {
    /// All of them, by group and index.
    pub fn all() -> impl Iterator<Item = &'static GroupedReg> {
        REGISTERS.iter()
    }

    /// The register with that type, subtype and index, in any kernel up to 7.3.
    #[must_use]
    pub fn find(reg_type: RegType, subtype: u8, index: u64) -> Option<&'static GroupedReg> {
        let wanted = |r: &&GroupedReg| {
            r.group.reg_type() == reg_type
                && r.group.subtype() == subtype
                && u64::from(r.index) == index
        };
        GroupedReg::all().find(wanted)
    }

    /// The register with that name: `csr.sstatus`, or `sstatus` if only one is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static GroupedReg> {
        let whole = GroupedReg::all().find(|r| r.name == name);
        whole.or_else(|| {
            let mut short = GroupedReg::all()
                .filter(|r| r.name.split_once('.').is_some_and(|(_, n)| n == name));
            short.next().filter(|_| short.next().is_none())
        })
    }

    /// Does the kernel of `policy` have it?
    #[must_use]
    pub fn known_to(&self, policy: Policy) -> bool {
        self.since <= policy.release()
    }

    /// Log2 of its size in bytes; registers `v0` to `v31` are as long as the host's vectors.
    #[must_use]
    pub fn size_log2(&self, vlenb: u64) -> u8 {
        let is_fcsr = self.index == 32;
        match self.group {
            Group::FpF => 2,
            Group::FpD if is_fcsr => 2,
            Group::Vector if self.index > 5 => vlenb.max(1).ilog2() as u8,
            _ => 3,
        }
    }

    /// Its id on a host with that vector length.
    #[must_use]
    pub fn id(&self, vlenb: u64) -> RegId {
        let (reg_type, subtype) = (self.group.reg_type() as u64, u64::from(self.group.subtype()));
        let size = u64::from(self.size_log2(vlenb));
        RegId::new(1 << 63 | size << 52 | reg_type << 24 | subtype << 16 | u64::from(self.index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> u64 {
        GroupedReg::named(name).unwrap_or_else(|| panic!("{name}")).id(16).bits()
    }

    #[test]
    fn ids_are_the_documented_ones() {
        for (name, bits) in [
            ("core.pc", 0x8030_0000_0200_0000),
            ("core.a0", 0x8030_0000_0200_000a),
            ("core.mode", 0x8030_0000_0200_0020),
            ("csr.scounteren", 0x8030_0000_0300_0009),
            ("csr.senvcfg", 0x8030_0000_0300_000a),
            ("csr.iprio2h", 0x8030_0000_0301_0006),
            ("sstateen0", 0x8030_0000_0302_0000),
            ("ssp", 0x8030_0000_0303_0000),
            ("timer.state", 0x8030_0000_0400_0003),
            ("fp_f.fcsr", 0x8020_0000_0500_0020),
            ("fp_d.f31", 0x8030_0000_0600_001f),
            ("fp_d.fcsr", 0x8020_0000_0600_0020),
            ("vlenb", 0x8030_0000_0900_0004),
            ("vector.v0", 0x8040_0000_0900_0006),
            ("vector.v31", 0x8040_0000_0900_0025),
            ("sbi_ext.mpxy", 0x8030_0000_0800_000d),
            ("sbi_ext.multi_dis.0", 0x8030_0000_0802_0000),
            ("sbi_state.sta.shmem_hi", 0x8030_0000_0a00_0001),
            ("sbi_state.fwft.shadow_stack.value", 0x8030_0000_0a01_000e),
        ] {
            assert_eq!(id(name), bits, "{name}");
        }
    }

    #[test]
    fn groups_are_as_long_as_the_kernels_structures() {
        let count = |group: Group| group.registers().count();
        let expected = [33, 11, 7, 1, 1, 4, 33, 33, 37, 14, 1, 1, 2, 15];
        let found: Vec<usize> = Group::VARIANTS.iter().copied().map(count).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn short_names_stand_for_one_register_only() {
        assert_eq!(GroupedReg::named("sstatus").unwrap().name, "csr.sstatus");
        assert_eq!(GroupedReg::named("f0"), None, "fp_f.f0 or fp_d.f0?");
        assert_eq!(GroupedReg::named("v32"), None);
    }
}

//! The machine that the guest runs on: its harts, its kernel, its constants.

use super::{
    Dropped, Ext, ExtSet, IsaRegister, IsaString, IsaStringError, Lack, Policy, implied, resolve,
};

/// One hart of the host, as firmware describes it to the kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostHart {
    named: ExtSet,
    hardware: ExtSet,
}

impl HostHart {
    /// A hart whose ISA string is `isa`.
    ///
    /// The string describes the hardware, so the kernel is told what the string implies too. As
    /// Linux does for the property `riscv,isa`, Zicsr, Zifencei, Zicntr and Zihpm are taken to be
    /// there: they were part of the base when such strings were introduced.
    ///
    /// # Errors
    /// If the string is not understood.
    pub fn from_isa_string(isa: &str) -> Result<HostHart, IsaStringError> {
        let mut named = IsaString::parse(isa)?.all();
        named.extend(["zicsr", "zifencei", "zicntr", "zihpm"].into_iter().filter_map(Ext::find));
        Ok(HostHart::from_device_tree(named))
    }

    /// A hart whose device tree property `riscv,isa-extensions` lists `named`: the kernel is told
    /// that and no more, while the hardware has what these extensions imply.
    #[must_use]
    pub fn from_device_tree(named: ExtSet) -> HostHart {
        HostHart { named, hardware: implied::closure(&named) }
    }

    /// The same hart, whose hardware is known to have `more` too. The kernel is not told.
    #[must_use]
    pub fn with_hardware(mut self, more: &ExtSet) -> HostHart {
        self.hardware.extend(implied::closure(more).iter());
        self
    }
}

/// May programs use the vector unit? A setting of the system (`riscv_v_default_allow`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum VectorUse {
    /// Yes, the kernel's default.
    #[default]
    Allowed,
    /// No: KVM then starts vCPUs without V.
    Forbidden,
}

/// Cache block sizes in bytes; 0 if the device tree gives none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // named after the extensions
pub struct BlockSizes {
    pub zicbom: u64,
    pub zicboz: u64,
    pub zicbop: u64,
}

impl Default for BlockSizes {
    fn default() -> BlockSizes {
        BlockSizes { zicbom: 64, zicboz: 64, zicbop: 64 }
    }
}

impl BlockSizes {
    /// The size that belongs to one of the three extensions.
    #[must_use]
    pub fn of(&self, ext: Ext) -> u64 {
        match ext.token() {
            "zicbom" => self.zicbom,
            "zicboz" => self.zicboz,
            _ => self.zicbop,
        }
    }

    /// The kernel's condition for accepting one of the three extensions.
    pub(super) fn usable(&self, ext: Ext) -> Result<(), Dropped> {
        if self.of(ext).is_power_of_two() { Ok(()) } else { Err(Dropped::NoBlockSize) }
    }
}

/// Constants of the host that show in CONFIG registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Facts {
    /// Cache block sizes.
    pub blocks: BlockSizes,
    /// Vendor id of a fresh vCPU.
    pub mvendorid: u64,
    /// Architecture id of a fresh vCPU.
    pub marchid: u64,
    /// Implementation id of a fresh vCPU.
    pub mimpid: u64,
    /// Widest virtual-address mode: 8 is Sv39, 9 Sv48, 10 Sv57.
    pub satp_mode: u64,
    /// May programs use the vector unit?
    pub vector: VectorUse,
}

/// Blocks of 64 bytes, ids 0, Sv57, vector allowed: what the measured machines have.
impl Default for Facts {
    fn default() -> Facts {
        Facts {
            blocks: BlockSizes::default(),
            mvendorid: 0,
            marchid: 0,
            mimpid: 0,
            satp_mode: 10,
            vector: VectorUse::default(),
        }
    }
}

/// A host: at least one hart, a kernel that behaves by a [`Policy`], and [`Facts`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    policy: Policy,
    facts: Facts,
    harts: Vec<HostHart>,
    seen: Vec<resolve::Resolved>,
    common: ExtSet,
    hardware: ExtSet,
}

/// A host needs a hart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a host needs at least one hart")]
pub struct NoHarts;

impl Host {
    /// Boots the kernel on these harts.
    ///
    /// # Errors
    /// If there are none.
    pub fn new(harts: Vec<HostHart>, policy: Policy, facts: Facts) -> Result<Host, NoHarts> {
        let seen: Vec<_> =
            harts.iter().map(|h| resolve::resolve(&h.named, policy, &facts.blocks)).collect();
        let all = |sets: &mut dyn Iterator<Item = ExtSet>| sets.reduce(|a, b| a.and(&b));
        let common = all(&mut seen.iter().map(|r| r.kept)).ok_or(NoHarts)?;
        let hardware = all(&mut harts.iter().map(|h| h.hardware)).ok_or(NoHarts)?;
        Ok(Host { policy, facts, harts, seen, common, hardware })
    }

    /// A host with one hart of that ISA string and default constants.
    ///
    /// # Errors
    /// If the string is not understood.
    pub fn from_isa_string(isa: &str, policy: Policy) -> Result<Host, IsaStringError> {
        let hart = HostHart::from_isa_string(isa)?;
        Ok(Host::new(vec![hart], policy, Facts::default()).expect("one hart"))
    }

    /// How the kernel answers.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// The same machine with another kernel.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Host {
        Host::new(self.harts, policy, self.facts).expect("a host has harts")
    }

    /// The constants.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The harts, in order.
    #[must_use]
    pub fn harts(&self) -> &[HostHart] {
        &self.harts
    }

    /// What the kernel takes the host to have: on every hart accepted.
    #[must_use]
    pub fn common(&self) -> &ExtSet {
        &self.common
    }

    /// What the kernel accepts of one hart: its line in `/proc/cpuinfo`.
    #[must_use]
    pub fn seen_on(&self, hart: usize) -> Option<&resolve::Resolved> {
        self.seen.get(hart)
    }

    /// What the hardware of every hart has, whatever the kernel knows of it.
    #[must_use]
    pub fn hardware(&self) -> &ExtSet {
        &self.hardware
    }

    /// The extension whose presence on the host decides whether `register` is there. Pointer masking
    /// in the guest's supervisor mode (its Smnpm) is what the host's Ssnpm controls.
    #[must_use]
    pub fn presence(register: IsaRegister) -> Ext {
        if register.extension() == Ext::named("smnpm") {
            Ext::named("ssnpm")
        } else {
            register.extension()
        }
    }

    /// Does the kernel offer this register on this host?
    #[must_use]
    pub fn offers(&self, register: IsaRegister) -> bool {
        register.known_to(self.policy) && self.common.contains(Host::presence(register))
    }

    /// Why the kernel takes the host not to have `ext`.
    #[must_use]
    pub fn lack(&self, ext: Ext) -> Lack {
        let without: Vec<usize> =
            (0..self.seen.len()).filter(|h| !self.seen[*h].kept.contains(ext)).collect();
        let dropped = without.first().and_then(|h| {
            self.seen[*h].dropped.iter().find(|(e, _)| *e == ext).map(|(_, why)| *why)
        });
        dropped.map_or_else(|| Lack::Harts(without, self.harts.len()), Lack::NotAccepted)
    }

    /// The block size that the device tree gives for Zicbom, Zicboz or Zicbop; 0 where no hart's node
    /// names the extension.
    #[must_use]
    pub fn block_size(&self, ext: Ext) -> u64 {
        if self.harts.iter().any(|h| h.named.contains(ext)) { self.facts.blocks.of(ext) } else { 0 }
    }

    /// Does hardware update the A and D bits of page tables here? (Svadu, as the kernel sees it.)
    #[must_use]
    pub fn updates_ad_bits(&self) -> bool {
        self.common.contains(Ext::named("svadu"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hart(isa: &str) -> HostHart {
        HostHart::from_isa_string(isa).unwrap()
    }

    fn register(token: &str) -> IsaRegister {
        IsaRegister::of(Ext::named(token)).unwrap()
    }

    #[test]
    fn a_host_has_what_all_harts_have() {
        let harts = vec![hart("rv64gc_ztso_zacas"), hart("rv64gc_zacas")];
        let host = Host::new(harts, Policy::Linux7_2, Facts::default()).unwrap();
        assert!(host.offers(register("zacas")) && !host.offers(IsaRegister::ZTSO));
        assert!(host.seen_on(0).unwrap().kept.contains(Ext::named("ztso")));
        assert!(host.seen_on(2).is_none());
        assert_eq!(Host::new(vec![], Policy::Linux7_2, Facts::default()), Err(NoHarts));
    }

    #[test]
    fn old_strings_have_the_old_base() {
        let host = Host::from_isa_string("rv64ima", Policy::Linux7_2).unwrap();
        assert!(host.offers(register("zifencei")) && host.offers(register("zihpm")));
        let listed = HostHart::from_device_tree([Ext::named("i")].into_iter().collect());
        let host = Host::new(vec![listed], Policy::Linux7_2, Facts::default()).unwrap();
        assert!(!host.offers(register("zifencei")));
    }

    #[test]
    fn the_kernel_knows_less_than_the_hardware_has() {
        let host = Host::from_isa_string("rv64gc_zabha_zalasr", Policy::Linux6_12).unwrap();
        let zabha = Ext::named("zabha");
        assert!(!host.common().contains(zabha) && host.hardware().contains(zabha));
        assert!(!host.offers(register("zabha")));
        assert!(host.with_policy(Policy::Linux7_2).offers(register("zabha")));
    }

    #[test]
    fn smnpm_follows_ssnpm() {
        let host = Host::from_isa_string("rv64gc_ssnpm", Policy::Linux7_2).unwrap();
        assert!(host.offers(register("smnpm")) && host.offers(register("ssnpm")));
        let host = Host::from_isa_string("rv64gc_smnpm", Policy::Linux7_2).unwrap();
        assert!(!host.offers(register("smnpm")));
    }
}

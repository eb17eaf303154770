//! CONFIG registers: single letters, block sizes, ids, address mode.

use super::allowed::{disable_allowed, enable_allowed};
use super::refusal::RefusalReason;
use super::state::{Ran, Vcpu};
use crate::kernel::change::Change;
use crate::register::config::ConfigReg;
use crate::register::isa_ext::IsaRegister;

fn known(vcpu: &Vcpu, index: u64) -> Result<ConfigReg, RefusalReason> {
    let policy = vcpu.host.policy();
    let register = ConfigReg::from_index(index).ok_or(RefusalReason::UnknownConfig(index))?;
    if register.known_to(policy) {
        Ok(register)
    } else {
        Err(RefusalReason::NewerConfig(register, policy.release()))
    }
}

/// Up to Linux 6.17 the block size of an extension is hidden that is off in the vCPU, then that of one
/// which the host lacks. Linux 7.2 hides none: it answers 0 where the host lacks the extension.
pub(super) fn block_visible(vcpu: &Vcpu, register: ConfigReg) -> Result<(), RefusalReason> {
    let policy = vcpu.host.policy();
    let Some(ext) = register.block_of().filter(|_| !policy.has(Change::BlocksShown)) else {
        return Ok(());
    };
    if !vcpu.host.common().contains(ext) {
        return Err(RefusalReason::HostLacks(ext, vcpu.host.absence_reason(ext)));
    }
    if !policy.has(Change::BlocksOfHost) && IsaRegister::of(ext).is_some() && !vcpu.has(ext) {
        return Err(RefusalReason::BlockOfDisabled(ext));
    }
    Ok(())
}

/// The value that a block size reads as.
fn block_size(vcpu: &Vcpu, register: ConfigReg) -> u64 {
    let offered = register.block_of().filter(|ext| vcpu.host.common().contains(*ext));
    offered.map_or(0, |ext| vcpu.host.block_size(ext))
}

/// Bits of the single-letter extensions that are on.
fn letters(vcpu: &Vcpu) -> u64 {
    IsaRegister::all()
        .filter(|r| vcpu.has(r.extension()))
        .filter_map(IsaRegister::letter_bit)
        .fold(0, |bits, bit| bits | 1 << bit)
}

pub(super) fn get(vcpu: &Vcpu, index: u64) -> Result<u64, RefusalReason> {
    let register = known(vcpu, index)?;
    block_visible(vcpu, register)?;
    let constants = vcpu.host.constants();
    Ok(match register {
        ConfigReg::Isa => letters(vcpu),
        ConfigReg::ZicbomBlockSize | ConfigReg::ZicbozBlockSize | ConfigReg::ZicbopBlockSize => {
            block_size(vcpu, register)
        }
        ConfigReg::Mvendorid => vcpu.mvendorid,
        ConfigReg::Marchid => vcpu.marchid,
        ConfigReg::Mimpid => vcpu.mimpid,
        ConfigReg::SatpMode => constants.satp_mode,
    })
}

pub(super) fn set(vcpu: &mut Vcpu, index: u64, value: u64) -> Result<(), RefusalReason> {
    let register = known(vcpu, index)?;
    block_visible(vcpu, register)?;
    let (constants, policy) = (*vcpu.host.constants(), vcpu.host.policy());
    match register {
        ConfigReg::Isa => set_letters(vcpu, value),
        ConfigReg::ZicbomBlockSize | ConfigReg::ZicbozBlockSize | ConfigReg::ZicbopBlockSize => {
            let size = register.block_of().map_or(0, |ext| vcpu.host.block_size(ext));
            let zero_is_fine = policy.has(Change::BlocksShown);
            if value == size || (value == 0 && zero_is_fine) {
                Ok(())
            } else {
                Err(RefusalReason::BlockSize(register, size))
            }
        }
        ConfigReg::Mvendorid => set_id(vcpu.ran, &mut vcpu.mvendorid, value),
        ConfigReg::Marchid => set_id(vcpu.ran, &mut vcpu.marchid, value),
        ConfigReg::Mimpid => set_id(vcpu.ran, &mut vcpu.mimpid, value),
        ConfigReg::SatpMode if value == constants.satp_mode => Ok(()),
        ConfigReg::SatpMode => Err(RefusalReason::SatpMode(constants.satp_mode)),
    }
}

fn set_id(ran: Ran, id: &mut u64, value: u64) -> Result<(), RefusalReason> {
    if value != *id && ran == Ran::AtLeastOnce {
        return Err(RefusalReason::HasRun);
    }
    *id = value;
    Ok(())
}

/// Sets the single letters; what may not change is corrected silently. The kernel looks for bits
/// beyond the letters in the low 32 bits only, starting with bit 25.
fn set_letters(vcpu: &mut Vcpu, value: u64) -> Result<(), RefusalReason> {
    if value as u32 >> 25 != 0 {
        return Err(RefusalReason::IsaBits);
    }
    if value == letters(vcpu) {
        return Ok(());
    }
    if vcpu.ran == Ran::AtLeastOnce {
        return Err(RefusalReason::HasRun);
    }
    let host = vcpu.host.clone();
    for register in IsaRegister::of_kernel(host.policy()) {
        let Some(bit) = register.letter_bit() else { continue };
        let mut wanted = value >> bit & 1 == 1;
        if enable_allowed(&host, register).is_err() {
            wanted = false;
        }
        if disable_allowed(&host, register).is_err() {
            wanted = true;
        }
        vcpu.set_on(register.extension(), wanted && host.offers(register));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::constants::HostConstants;
    use crate::host::description::{Host, HostHart};
    use crate::isa::block_sizes::BlockSizes;
    use crate::isa::extension::IsaExt;
    use crate::kernel::release::Policy;
    use crate::register::id::RegId;
    use crate::vcpu::refusal::Errno;

    fn vcpu(isa: &str, policy: Policy) -> Vcpu {
        Vcpu::new(Host::from_isa_string(isa, policy).unwrap())
    }

    fn get(v: &Vcpu, register: ConfigReg) -> Result<u64, Errno> {
        v.get_one_reg(RegId::config(register)).map_err(|r| r.errno())
    }

    fn set(v: &mut Vcpu, register: ConfigReg, value: u64) -> Result<(), Errno> {
        v.set_one_reg(RegId::config(register), value).map_err(|r| r.errno())
    }

    const IMAC: u64 = 1 << 8 | 1 << 12 | 1 | 1 << 2;
    const FDV: u64 = 1 << 5 | 1 << 3 | 1 << 21;

    #[test]
    fn only_d_f_and_v_can_be_cleared_and_h_never_shows() {
        let mut v = vcpu("rv64gcvh", Policy::Linux7_2);
        assert_eq!(get(&v, ConfigReg::Isa), Ok(IMAC | FDV));
        assert_eq!(set(&mut v, ConfigReg::Isa, 0), Ok(()));
        assert_eq!(get(&v, ConfigReg::Isa), Ok(IMAC));
        let d = RegId::isa_single(IsaRegister::of(IsaExt::D).unwrap());
        assert_eq!(v.get_one_reg(d), Ok(0), "the same switch as the SINGLE register");
        assert_eq!(set(&mut v, ConfigReg::Isa, FDV | 1 << 7 | 1 << 16), Ok(()));
        assert_eq!(get(&v, ConfigReg::Isa), Ok(IMAC | FDV));
    }

    #[test]
    fn bits_beyond_the_letters() {
        let mut v = vcpu("rv64gc", Policy::Linux7_2);
        let now = get(&v, ConfigReg::Isa).unwrap();
        for bit in 25..32 {
            assert_eq!(set(&mut v, ConfigReg::Isa, now | 1 << bit), Err(Errno::EINVAL));
        }
        assert_eq!(set(&mut v, ConfigReg::Isa, IMAC | 1 << 32), Ok(()));
        assert_eq!(get(&v, ConfigReg::Isa), Ok(IMAC));
        v.run();
        assert_eq!(set(&mut v, ConfigReg::Isa, IMAC), Ok(()));
        assert_eq!(set(&mut v, ConfigReg::Isa, now), Err(Errno::EBUSY));
        assert_eq!(set(&mut v, ConfigReg::Isa, IMAC | 1 << 32), Err(Errno::EBUSY));
        assert_eq!(set(&mut v, ConfigReg::Isa, 1 << 25), Err(Errno::EINVAL));
    }

    #[test]
    fn block_sizes() {
        for (policy, zero) in [(Policy::Linux6_12, Err(Errno::EINVAL)), (Policy::Linux7_2, Ok(()))]
        {
            let mut v = vcpu("rv64gc_zicbom", policy);
            v.run();
            assert_eq!(set(&mut v, ConfigReg::ZicbomBlockSize, 64), Ok(()));
            assert_eq!(set(&mut v, ConfigReg::ZicbomBlockSize, 65), Err(Errno::EINVAL));
            assert_eq!(set(&mut v, ConfigReg::ZicbomBlockSize, 0), zero);
        }
        let old = vcpu("rv64gc_zicbop", Policy::Linux6_12);
        assert_eq!(get(&old, ConfigReg::ZicbopBlockSize), Err(Errno::ENOENT));
        let new = vcpu("rv64gc_zicbop", Policy::Linux7_2);
        assert_eq!(get(&new, ConfigReg::ZicbopBlockSize), Ok(64));
    }

    #[test]
    fn block_sizes_of_what_the_host_lacks() {
        let mut old = vcpu("rv64gc", Policy::Linux6_12);
        let mut new = vcpu("rv64gc", Policy::Linux7_2);
        assert_eq!(get(&old, ConfigReg::ZicbomBlockSize), Err(Errno::ENOENT));
        assert_eq!(get(&new, ConfigReg::ZicbomBlockSize), Ok(0));
        assert_eq!(set(&mut new, ConfigReg::ZicbomBlockSize, 0), Ok(()));
        for value in [1, 64, u64::MAX] {
            let answer = set(&mut old, ConfigReg::ZicbomBlockSize, value);
            assert_eq!(answer, Err(Errno::ENOENT));
            let answer = set(&mut new, ConfigReg::ZicbomBlockSize, value);
            assert_eq!(answer, Err(Errno::EINVAL), "{value}");
        }
        assert_eq!(set(&mut old, ConfigReg::ZicbomBlockSize, 0), Err(Errno::ENOENT));
    }

    #[test]
    fn a_disabled_extension_hides_its_block_size_in_old_kernels_only() {
        for (policy, seen) in [
            (Policy::Linux6_12, Err(Errno::ENOENT)),
            (Policy::Linux6_18, Ok(64)),
            (Policy::Linux7_2, Ok(64)),
        ] {
            let mut v = vcpu("rv64gc_zicbom", policy);
            let zicbom = IsaRegister::of(IsaExt::Zicbom).unwrap();
            v.set_one_reg(RegId::isa_single(zicbom), 0).unwrap();
            assert_eq!(get(&v, ConfigReg::ZicbomBlockSize), seen, "{policy}");
        }
    }

    #[test]
    fn ids_and_address_mode() {
        let constants = HostConstants { mvendorid: 7, satp_mode: 9, ..HostConstants::default() };
        let hart = HostHart::from_isa_string("rv64gc").unwrap();
        let host = Host::new(vec![hart], Policy::Linux7_2, constants).unwrap();
        let mut v = Vcpu::new(host);
        assert_eq!(get(&v, ConfigReg::Mvendorid), Ok(7));
        assert_eq!(set(&mut v, ConfigReg::Mvendorid, u64::MAX), Ok(()));
        assert_eq!(set(&mut v, ConfigReg::Marchid, 2), Ok(()));
        v.run();
        assert_eq!(set(&mut v, ConfigReg::Mvendorid, u64::MAX), Ok(()));
        assert_eq!(set(&mut v, ConfigReg::Mvendorid, 7), Err(Errno::EBUSY));
        assert_eq!(set(&mut v, ConfigReg::Mimpid, 1), Err(Errno::EBUSY));
        assert_eq!(set(&mut v, ConfigReg::SatpMode, 9), Ok(()));
        assert_eq!(set(&mut v, ConfigReg::SatpMode, 10), Err(Errno::EINVAL));
    }

    #[test]
    fn indices_without_register() {
        let mut v = vcpu("rv64gc", Policy::Linux7_2);
        for id in [0x8030_0000_0100_0008, 0x8030_0000_0100_0064, 0x8030_0000_0101_0000] {
            let id = RegId::new(id);
            assert_eq!(v.get_one_reg(id).unwrap_err().errno(), Errno::ENOENT);
            assert_eq!(v.set_one_reg(id, 0).unwrap_err().errno(), Errno::ENOENT);
        }
    }

    #[test]
    fn odd_block_sizes_make_the_extension_vanish() {
        let blocks = BlockSizes { zicbom: 48, ..BlockSizes::default() };
        let hart = HostHart::from_isa_string("rv64gc_zicbom").unwrap();
        let constants = HostConstants { blocks, ..HostConstants::default() };
        let host = Host::new(vec![hart], Policy::Linux6_12, constants).unwrap();
        let v = Vcpu::new(host);
        assert_eq!(
            v.get_one_reg(RegId::config(ConfigReg::ZicbomBlockSize)).unwrap_err().to_string(),
            "ENOENT: the host lacks Zicbom: Linux does not accept it without a block size that is \
             a power of two"
        );
    }
}

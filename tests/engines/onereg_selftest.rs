//! The lists of the kernel's own test of KVM_GET_REG_LIST, out of the model.
//!
//! `tools/testing/selftests/kvm/riscv/get-reg-list.c` of Linux 7.2.13 turns everything off that can be
//! turned off, turns one feature on, and expects a base list with that feature's sub-list, ISA_EXT and
//! SBI_EXT registers aside. The same is done here; names stand for ids.

use std::collections::BTreeSet;

use rvlitmus_onereg::{
    Group, GroupedReg, Host, IsaRegister, Policy, RegId, RegKind, RegType, Vcpu,
};

/// `max`: a host with all that a sub-list needs.
const ISA: &str = "rv64gcvh_zicbom_zicboz_zicbop_smstateen_ssaia_ssnpm";

/// The vCPU after `finalize_vcpu`, with these registers turned on again.
fn finalized(isa: &str, features: &[&str]) -> Vcpu {
    let mut vcpu = Vcpu::new(Host::from_isa_string(isa, Policy::Linux7_2).unwrap());
    for register in IsaRegister::of_kernel(Policy::Linux7_2) {
        let _refused = vcpu.set_one_reg(RegId::isa_single(register), 0);
    }
    for register in Group::SbiExt.registers() {
        vcpu.set_one_reg(register.id(16), 0).unwrap();
    }
    for name in features {
        vcpu.set_one_reg(name.parse().unwrap(), 1).unwrap();
    }
    vcpu
}

/// The names of the list, without ISA_EXT and SBI_EXT registers: `filter_reg`.
fn list(vcpu: &Vcpu) -> BTreeSet<String> {
    let filtered = |id: &RegId| {
        matches!(
            id.kind(),
            RegKind::IsaSingle(_) | RegKind::Grouped { reg_type: RegType::SbiExt, .. }
        )
    };
    let ids = vcpu.reg_list(usize::MAX).unwrap();
    ids.into_iter().filter(|id| !filtered(id)).map(|id| id.name()).collect()
}

fn names(group: Group) -> BTreeSet<String> {
    group.registers().map(|register| register.name.clone()).collect()
}

/// `base_regs`, lines 849 to 906.
fn base() -> BTreeSet<String> {
    let config = [
        "isa",
        "zicbom_block_size",
        "mvendorid",
        "marchid",
        "mimpid",
        "zicboz_block_size",
        "satp_mode",
        "zicbop_block_size",
    ];
    let mut base: BTreeSet<String> = config.map(|name| format!("config.{name}")).into();
    for group in [Group::Core, Group::CsrGeneral, Group::Timer] {
        base.extend(names(group));
    }
    base
}

/// What one feature adds to the base list of a host.
fn sublist(isa: &str, feature: &str) -> BTreeSet<String> {
    let all = list(&finalized(isa, &[feature]));
    let base = list(&finalized(isa, &[]));
    all.difference(&base).cloned().collect()
}

#[test]
fn the_base_list() {
    assert_eq!(base().len(), 56);
    assert_eq!(list(&finalized("rv64gch", &[])), base());
    // Where Ssaia cannot be disabled its CSRs are always there (lines 125 to 132).
    let with_aia = list(&finalized("rv64gch_ssaia", &[]));
    assert_eq!(with_aia.len(), 56 + 7);
}

#[test]
fn sub_lists_of_extensions() {
    for (feature, expected) in [
        ("ssaia", names(Group::CsrAia)),
        ("smstateen", names(Group::CsrSmstateen)),
        ("f", names(Group::FpF)),
        ("d", names(Group::FpD)),
        ("v", names(Group::Vector)),
    ] {
        assert_eq!(sublist(ISA, feature), expected, "{feature}");
    }
    // zicbom_regs and its like: in 7.2 the block size is in the base list.
    for feature in ["zicbom", "zicboz", "zicbop", "smnpm"] {
        let vcpu = finalized(ISA, &[]);
        let before = vcpu.get_one_reg(feature.parse().unwrap());
        if before == Ok(0) {
            assert_eq!(sublist(ISA, feature), BTreeSet::new(), "{feature}");
        }
    }
}

#[test]
fn sub_lists_of_sbi_extensions() {
    assert_eq!(sublist(ISA, "sbi_ext.sta"), names(Group::SbiSta));
    let [misaligned, masking] = ["misaligned_deleg", "pointer_masking"].map(|feature| {
        ["enable", "flags", "value"].map(|part| format!("sbi_state.fwft.{feature}.{part}"))
    });
    assert_eq!(sublist(ISA, "sbi_ext.fwft"), misaligned.clone().into());
    let both: BTreeSet<String> = misaligned.into_iter().chain(masking).collect();
    let with_smnpm = list(&finalized(ISA, &["smnpm", "sbi_ext.fwft"]));
    let found: BTreeSet<String> =
        with_smnpm.difference(&list(&finalized(ISA, &["smnpm"]))).cloned().collect();
    assert_eq!(found, both);
}

/// `KVM_ISA_EXT_SIMPLE_CONFIG`: one register, named in the list of every host that has the extension.
#[test]
fn every_extension_has_its_register() {
    for register in IsaRegister::of_kernel(Policy::Linux7_2) {
        let id = RegId::isa_single(register);
        let token = register.extension().token();
        // Zcf, Zclsd and Zilsd are of 32-bit harts; Smnpm is the host's Ssnpm.
        let named = if token == "smnpm" { "ssnpm" } else { token };
        let isa = format!("rv64imafdcvh_zicsr_zve32x_zfbfmin_zvfbfmin_zvkb_{named}");
        let vcpu = Vcpu::new(Host::from_isa_string(&isa, Policy::Linux7_2).unwrap());
        let listed = vcpu.reg_list(usize::MAX).unwrap().contains(&id);
        assert_eq!(listed, !["zcf", "zclsd", "zilsd"].contains(&token), "{token}");
    }
}

/// The test sets every register to what it is, but for `timer.state` (lines 912 to 914).
#[test]
fn what_is_listed_can_be_set_to_what_it_is() {
    let mut refused = Vec::new();
    let vcpu =
        finalized(ISA, &["f", "d", "v", "ssaia", "smstateen", "sbi_ext.sta", "sbi_ext.fwft"]);
    for id in vcpu.reg_list(usize::MAX).unwrap() {
        let value = vcpu.get_one_reg(id).unwrap();
        if vcpu.clone().set_one_reg(id, value).is_err() {
            refused.push(id.name());
        }
    }
    assert_eq!(refused, ["timer.state"]);
}

/// The count of each release's list on one host, so that a change of the model is seen.
#[test]
fn lists_of_all_releases() {
    let counts = Policy::ALL.map(|policy| {
        let host =
            Host::from_isa_string("rv64imafdcvh_zicbom_ztso_smstateen_ssaia", policy).unwrap();
        Vcpu::new(host).reg_list(usize::MAX).unwrap().len()
    });
    assert_eq!(GroupedReg::all().count(), 193);
    assert_eq!(counts, [151, 196, 203, 206, 206, 206]);
}

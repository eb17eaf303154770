//! Facts about KVM's ONE_REG interface, each with the line of the kernel that says so.
//!
//! Files are of Linux 6.12.117 and 7.2.13; `kvm/` stands for `arch/riscv/kvm/`, `kernel/` for
//! `arch/riscv/kernel/`, `asm/` and `uapi/` for `arch/riscv/include/`.

use rvlitmus_onereg::Errno::{self, E2BIG, EBUSY, EINVAL, ENOENT};
use rvlitmus_onereg::{Host, IsaExt, Policy, RegId, Vcpu};

/// A vCPU on a host of that ISA.
struct Asked(Vcpu);

fn on(policy: Policy, isa: &str) -> Asked {
    Asked(Vcpu::new(Host::from_isa_string(isa, policy).unwrap()))
}

fn new(isa: &str) -> Asked {
    on(Policy::Linux7_2, isa)
}

fn old(isa: &str) -> Asked {
    on(Policy::Linux6_12, isa)
}

impl Asked {
    fn get(&self, register: &str) -> Result<u64, Errno> {
        self.0.get_one_reg(register.parse().unwrap()).map_err(|refusal| refusal.errno())
    }

    /// The answer, and a vCPU in which the value is set if it was accepted.
    fn set(&self, register: &str, value: u64) -> Result<Asked, Errno> {
        let mut vcpu = self.0.clone();
        vcpu.set_one_reg(register.parse().unwrap(), value).map_err(|refusal| refusal.errno())?;
        Ok(Asked(vcpu))
    }

    fn refuses(&self, register: &str, value: u64, errno: Errno) -> bool {
        self.set(register, value).err() == Some(errno)
    }

    fn run(mut self) -> Asked {
        self.0.run();
        self
    }

    fn lists(&self, name: &str) -> bool {
        self.0.reg_list(usize::MAX).unwrap().iter().any(|id| id.name() == name)
    }
}

/// The id of Ztso's register with these bits besides.
fn ztso_with(bits: u64) -> String {
    format!("{:#x}", 0x8000_0000_0700_0034 | bits)
}

type Fact = (&'static str, &'static str, fn() -> bool);

const FACTS: &[Fact] = &[
    ("7.2.13 uapi/asm/kvm.h:176", "Ztso has the index 52", || {
        "ztso".parse() == Ok(RegId::new(0x8030_0000_0700_0034))
    }),
    ("7.2.13 asm/hwcap.h:81", "Ztso is bit 72 of the host's bitmap", || {
        IsaExt::Ztso.hwcap() == Some(72)
    }),
    ("7.2.13 uapi/asm/hwprobe.h:59", "hwprobe tells of Ztso in bit 33", || {
        IsaExt::Ztso.hwprobe().unwrap().to_string() == "IMA_EXT_0 bit 33"
    }),
    ("7.2.13 kernel/cpufeature.c:553", "Ztso is taken over without a condition", || {
        new("rv64i_ztso").get("ztso") == Ok(1)
    }),
    ("7.2.13 kernel/cpufeature.c:918", "the host has what all harts have", || {
        let harts = ["rv64gc_ztso", "rv64gc"];
        let harts = harts.map(|isa| rvlitmus_onereg::HostHart::from_isa_string(isa).unwrap());
        let host = Host::new(harts.into(), Policy::Linux7_2, Default::default()).unwrap();
        Asked(Vcpu::new(host)).get("ztso") == Err(ENOENT)
    }),
    ("7.2.13 kernel/cpufeature.c:889", "a string without zihpm has it all the same", || {
        new("rv64i").get("zihpm") == Ok(1)
    }),
    ("7.2.13 kernel/cpufeature.c:496", "A brings Zaamo and Zalrsc", || {
        new("rv64ia").get("zalrsc") == Ok(1) && old("rv64ia_zalrsc").get("zalrsc") == Err(ENOENT)
    }),
    ("7.2.13 kernel/cpufeature.c:527", "zfh does not bring zfhmin", || {
        let vcpu = new("rv64gc_zfh");
        vcpu.get("zfh") == Ok(1) && vcpu.get("zfhmin") == Err(ENOENT)
    }),
    ("7.2.13 kernel/cpufeature.c:290", "Svadu is not accepted beside Svade", || {
        new("rv64gc_svade_svadu").get("svadu") == Err(ENOENT)
    }),
    ("7.2.13 kvm/isa.c:84", "a fresh vCPU has Ztso if the host has it", || {
        new("rv64gc_ztso").get("ztso") == Ok(1) && new("rv64gc").get("ztso") == Err(ENOENT)
    }),
    ("7.2.13 kvm/isa.c:223", "Ztso cannot be turned off", || {
        new("rv64gc_ztso").refuses("ztso", 0, EINVAL)
    }),
    ("7.2.13 kvm/isa.c:149", "no guest gets H", || {
        new("rv64gch").get("h") == Ok(0) && new("rv64gch").refuses("h", 1, EINVAL)
    }),
    ("7.2.13 kvm/isa.c:123", "Smnpm of a guest is Ssnpm of the host", || {
        new("rv64gc_ssnpm").get("smnpm") == Ok(1) && new("rv64gc_smnpm").get("smnpm") == Err(ENOENT)
    }),
    ("7.2.13 kvm/isa.c:153", "Sscofpmf is off without Ssaia", || {
        new("rv64gc_sscofpmf").get("sscofpmf") == Ok(0)
            && new("rv64gc_sscofpmf_ssaia").get("sscofpmf") == Ok(1)
    }),
    ("7.2.13 kvm/isa.c:241", "Ssaia can be turned off where there is Smstateen", || {
        new("rv64gc_ssaia_smstateen").set("ssaia", 0).is_ok()
            && new("rv64gc_ssaia").refuses("ssaia", 0, EINVAL)
    }),
    ("7.2.13 kvm/isa.c:247", "Svade can be turned off where hardware updates A and D bits", || {
        new("rv64gc_svade").refuses("svade", 0, EINVAL)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:457", "the value that it has is accepted, after a run too", || {
        new("rv64gc_ztso").run().set("ztso", 1).is_ok()
    }),
    ("7.2.13 kvm/vcpu_onereg.c:475", "after the first run another value is EBUSY", || {
        let vcpu = new("rv64gc_ztso").run();
        vcpu.refuses("ztso", 0, EBUSY) && vcpu.refuses("d", 0, EBUSY)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:472", "a value that is neither 0 nor 1 is EINVAL", || {
        new("rv64gc").refuses("d", 2, EINVAL)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:487", "a word beyond the last extension is ENOENT", || {
        new("rv64gc").get("multi_en.2") == Err(ENOENT)
            && old("rv64gc").get("multi_en.1") == Err(ENOENT)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:550", "MULTI_DIS reads as the complement of MULTI_EN", || {
        let vcpu = new("rv64gc_ztso");
        vcpu.get("multi_dis.0") == vcpu.get("multi_en.0").map(|word| !word)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:536", "an id of another size is EINVAL", || {
        new("rv64gc_ztso").get(&ztso_with(2 << 52)) == Err(EINVAL)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:553", "an unknown subtype of ISA_EXT is ENOENT", || {
        new("rv64gc_ztso").get(&ztso_with(3 << 52 | 3 << 16)) == Err(ENOENT)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:1051", "an unknown type is ENOENT", || {
        new("rv64gc").get("0x803000000b000000") == Err(ENOENT)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:105", "bits 25 to 31 of isa are EINVAL", || {
        new("rv64gc").refuses("config.isa", 1 << 25, EINVAL)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:53", "the block size of what the host lacks is 0", || {
        new("rv64gc").get("zicbom_block_size") == Ok(0)
    }),
    ("6.12.117 kvm/vcpu_onereg.c:221", "the block size of what the vCPU lacks is ENOENT", || {
        let vcpu = old("rv64gc_zicbom").set("zicbom", 0).unwrap();
        vcpu.get("zicbom_block_size") == Err(ENOENT) && !vcpu.lists("config.zicbom_block_size")
    }),
    ("7.2.13 kvm/vcpu_onereg.c:251", "mode is 1 for S, and anything else is U", || {
        let vcpu = new("rv64gc");
        vcpu.get("core.mode") == Ok(1)
            && vcpu.set("core.mode", 7).unwrap().get("core.mode") == Ok(0)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:201", "an unknown CORE register is ENOENT", || {
        new("rv64gc").get("0x8030000002000021") == Err(ENOENT)
    }),
    ("7.2.13 kvm/vcpu_onereg.c:318", "sstateen0 is ENOENT for a vCPU without Smstateen", || {
        new("rv64gc").get("sstateen0") == Err(ENOENT)
            && new("rv64gc_smstateen").set("smstateen", 0).unwrap().get("sstateen0") == Err(ENOENT)
    }),
    ("6.12.117 kvm/vcpu_onereg.c:521", "sstateen0 is EINVAL on a host without Smstateen", || {
        old("rv64gc").get("sstateen0") == Err(EINVAL)
    }),
    ("7.2.13 kvm/aia.c:204", "the CSRs of AIA are ENOENT for a vCPU without Ssaia", || {
        new("rv64gc").get("siselect") == Err(ENOENT) && new("rv64gc_ssaia").get("siselect") == Ok(0)
    }),
    (
        "6.12.117 kvm/aia.c:191",
        "the CSRs of AIA read as 0 without Ssaia, and are not listed",
        || {
            old("rv64gc").get("iprio2h") == Ok(0)
                && old("rv64gc").get("0x8030000003010007") == Err(ENOENT)
                && !old("rv64gc").lists("csr.iprio2h")
        },
    ),
    ("7.2.13 kvm/vcpu_onereg.c:861", "a vCPU with V has 37 VECTOR registers", || {
        let vcpu = new("rv64gcv");
        let list = vcpu.0.reg_list(usize::MAX).unwrap();
        list.iter().filter(|id| id.name().starts_with("vector.")).count() == 37
    }),
    (
        "7.2.13 kvm/vcpu_onereg.c:888",
        "ids of v0 to v31 have the vector length as their size",
        || {
            let list = new("rv64gcv_zvl256b").0.reg_list(usize::MAX).unwrap();
            list.iter().any(|id| id.bits() == 0x8050_0000_0900_0006)
        },
    ),
    ("7.2.13 kvm/vcpu_vector.c:204", "another vector length is EINVAL", || {
        new("rv64gcv").refuses("vlenb", 32, EINVAL) && new("rv64gcv").set("vlenb", 16).is_ok()
    }),
    ("7.2.13 kvm/vcpu_vector.c:135", "a vector register of another length is EINVAL", || {
        new("rv64gcv_zvl256b").get("vector.v0") == Err(EINVAL)
    }),
    ("7.2.13 kvm/vcpu_vector.c:128", "the pointer between vlenb and v0 is no register", || {
        new("rv64gcv").get("0x8030000009000005") == Err(ENOENT)
    }),
    ("7.2.13 kvm/vcpu_timer.c:226", "another time base is EINVAL", || {
        new("rv64gc").refuses("timer.frequency", 1_000_000, EINVAL)
    }),
    ("7.2.13 kvm/vcpu_timer.c:69", "a timer that is off cannot be turned off", || {
        let vcpu = new("rv64gc");
        vcpu.refuses("timer.state", 0, EINVAL)
            && vcpu.set("timer.state", 1).unwrap().set("timer.state", 0).is_ok()
    }),
    ("6.12.117 kvm/vcpu_timer.c:235", "turning the timer on sets compare to 1", || {
        let on = |vcpu: Asked| vcpu.set("timer.state", 1).unwrap().get("timer.compare");
        on(old("rv64gc")) == Ok(1) && on(new("rv64gc")) == Ok(u64::MAX)
    }),
    ("7.2.13 kvm/vcpu_fp.c:120", "FP_D without D is ENOENT", || {
        new("rv64gc").set("d", 0).unwrap().get("fp_d.f0") == Err(ENOENT)
    }),
    ("7.2.13 kvm/vcpu_fp.c:93", "FP_F registers have four bytes", || {
        new("rv64gc").get("0x8030000005000000") == Err(EINVAL)
            && new("rv64gc").get("fp_f.f0") == Ok(0)
    }),
    (
        "7.2.13 kvm/vcpu_sbi.c:337",
        "SBI_EXT is EBUSY after the first run, the same value too",
        || new("rv64gc").run().refuses("sbi_ext.sta", 1, EBUSY),
    ),
    ("7.2.13 kvm/vcpu_sbi.c:225", "SBI_EXT looks at the value before the index", || {
        new("rv64gc").refuses("0x803000000800000e", 2, EINVAL)
            && new("rv64gc").refuses("0x803000000800000e", 1, ENOENT)
    }),
    ("7.2.13 kvm/vcpu_sbi_forward.c:25", "DBCN is off in a fresh vCPU", || {
        new("rv64gc").get("sbi_ext.dbcn") == Ok(0) && new("rv64gc").get("sbi_ext.sta") == Ok(1)
    }),
    ("7.2.13 kvm/vcpu_sbi.c:506", "state of a disabled SBI extension is EINVAL", || {
        new("rv64gc")
            .set("sbi_ext.sta", 0)
            .unwrap()
            .get("sbi_state.sta.shmem_lo")
            .is_err_and(|e| e == EINVAL)
    }),
    ("7.2.13 kvm/vcpu_sbi_sta.c:174", "an unknown state register of STA is ENOENT", || {
        new("rv64gc").get("0x803000000a000002") == Err(ENOENT)
    }),
    ("6.12.117 kvm/vcpu_sbi_sta.c:176", "an unknown state register of STA is EINVAL", || {
        old("rv64gc").get("0x803000000a000002") == Err(EINVAL)
    }),
    ("7.2.13 kvm/vcpu_sbi_sta.c:21", "a fresh vCPU shares no memory with STA", || {
        new("rv64gc").get("sbi_state.sta.shmem_lo") == Ok(u64::MAX)
    }),
    ("7.2.13 kvm/vcpu_sbi_fwft.c:193", "pointers are masked by 0, 7 or 16 bits", || {
        let vcpu = new("rv64gc_ssnpm");
        vcpu.set("sbi_state.fwft.pointer_masking.value", 16).is_ok()
            && vcpu.refuses("sbi_state.fwft.pointer_masking.value", 8, EINVAL)
    }),
    ("7.2.13 kvm/vcpu_sbi_fwft.c:157", "without Smnpm there is no masking of pointers", || {
        new("rv64gc").get("sbi_state.fwft.pointer_masking.value") == Err(ENOENT)
    }),
    ("6.12.117 kvm/vcpu.c:150", "a guest's user mode may count before the guest says so", || {
        old("rv64gc").get("scounteren") == Ok(7) && new("rv64gc").get("scounteren") == Ok(0)
    }),
    ("7.2.13 kvm/vcpu_sbi_sta.c:215", "memory of stolen time is aligned to 64 bytes", || {
        new("rv64gc").refuses("sbi_state.sta.shmem_lo", 65, EINVAL)
            && new("rv64gc").set("sbi_state.sta.shmem_lo", 128).is_ok()
            && old("rv64gc").set("sbi_state.sta.shmem_lo", 65).is_ok()
    }),
    ("6.12.117 kvm/vcpu_onereg.c:436", "an overflow of a counter showed twice in sip", || {
        old("rv64gc").set("sip", 1 << 13).unwrap().get("sip") == Ok(3 << 13)
            && new("rv64gc").set("sip", 1 << 13).unwrap().get("sip") == Ok(1 << 13)
    }),
    ("7.2.13 kvm/vcpu.c:304", "a list that does not fit is E2BIG", || {
        new("rv64gc").0.reg_list(3).unwrap_err().errno() == E2BIG
    }),
];

#[test]
fn facts_hold_in_the_model() {
    let wrong: Vec<String> = FACTS
        .iter()
        .filter(|(_, _, holds)| !holds())
        .map(|(line, fact, _)| format!("{fact} (Linux {line})"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(FACTS.len() >= 40, "{}", FACTS.len());
}

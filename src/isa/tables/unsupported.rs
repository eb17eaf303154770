//! Real RISC-V instructions that this program does not run, each with the reason.
//!
//! They are named so that nobody mistakes them for a misspelling.

/// Why `mnemonic` cannot be run, or `None` if it is no instruction that we know of.
pub(super) fn why(mnemonic: &str) -> Option<&'static str> {
    let base = mnemonic.split('.').next().unwrap_or(mnemonic);
    let reason = match base {
        "csrrw" | "csrrs" | "csrrc" | "csrrwi" | "csrrsi" | "csrrci" | "csrr" | "csrw" | "csrs"
        | "csrc" | "csrwi" | "csrsi" | "csrci" | "rdcycle" | "rdtime" | "rdinstret" => {
            "CSR instructions are outside the memory model"
        }
        "ecall" | "ebreak" | "mret" | "sret" | "wfi" | "sfence" | "hfence" | "sinval"
        | "hinval" => "privileged instructions and traps are outside the memory model",
        "flw" | "fld" | "fsw" | "fsd" | "flh" | "fsh" | "fadd" | "fsub" | "fmul" | "fdiv"
        | "fsqrt" | "fmv" | "fcvt" | "fsgnj" | "fmin" | "fmax" | "feq" | "flt" | "fle"
        | "fclass" | "fmadd" | "fmsub" | "fnmadd" | "fnmsub" => "floating point is not supported",
        "cbo" => "cache-block operations are outside the memory model",
        "lr" | "sc" if mnemonic.contains(".q") => "128-bit LR and SC do not exist in RV64",
        "c" if ZCB.contains(&mnemonic) => {
            "the compressed instructions of Zcb are not supported: write what they expand to"
        }
        "c" if mnemonic.starts_with("c.f") => "floating point is not supported",
        "c" if mnemonic == "c.ebreak" => {
            "privileged instructions and traps are outside the memory model"
        }
        _ if is_compare_and_swap(mnemonic) => "compare-and-swap (Zacas) is not supported yet",
        _ if is_vector(mnemonic) => "vector instructions are not supported",
        _ => return None,
    };
    Some(reason)
}

/// Zcb (manual, chapter "Zc*"), which no hart of a test can be given.
const ZCB: [&str; 12] = [
    "c.lbu", "c.lhu", "c.lh", "c.sb", "c.sh", "c.zext.b", "c.sext.b", "c.zext.h", "c.sext.h",
    "c.zext.w", "c.not", "c.mul",
];

fn is_compare_and_swap(mnemonic: &str) -> bool {
    let (base, _) = super::split_order(mnemonic);
    super::zacas::TABLE.iter().any(|d| d.mnemonic == base)
}

fn is_vector(mnemonic: &str) -> bool {
    mnemonic.starts_with("vset")
        || (mnemonic.starts_with('v') && mnemonic.contains(".v"))
        || ["vle", "vse", "vlse", "vsse"].iter().any(|p| {
            mnemonic
                .strip_prefix(p)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
}

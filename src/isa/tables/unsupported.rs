//! Real RISC-V instructions that this program does not run, each with the reason.
//!
//! They are named so that nobody mistakes them for a misspelling.

/// Why `mnemonic` cannot be run, or `None` if it is no instruction that we know of.
pub(super) fn why(mnemonic: &str) -> Option<&'static str> {
    let base = mnemonic.split('.').next().unwrap_or(mnemonic);
    let reason = match base {
        "amocas" => "compare-and-swap (Zacas) is not supported yet",
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
        _ if base.starts_with("amo") && base.len() > 3 && is_zabha(mnemonic) => {
            "byte and halfword AMOs (Zabha) are not supported yet"
        }
        _ if is_vector(mnemonic) => "vector instructions are not supported",
        _ => return None,
    };
    Some(reason)
}

fn is_zabha(mnemonic: &str) -> bool {
    let mut parts = mnemonic.split('.');
    let operation = parts.next().unwrap_or_default();
    let known = super::zaamo::TABLE.iter().any(|d| d.mnemonic.split('.').next() == Some(operation));
    known && matches!(parts.next(), Some("b" | "h"))
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

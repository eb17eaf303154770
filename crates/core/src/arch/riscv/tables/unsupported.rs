//! Real RISC-V instructions that this program does not run, each with the reason.
//!
//! They are named so that nobody mistakes them for a misspelling.

/// Mnemonics up to their first dot, and why they cannot be run.
const BY_STEM: &[(&str, &[&str])] = &[
    (
        "CSR instructions are outside the memory model",
        &[
            "csrrw",
            "csrrs",
            "csrrc",
            "csrrwi",
            "csrrsi",
            "csrrci",
            "csrr",
            "csrw",
            "csrs",
            "csrc",
            "csrwi",
            "csrsi",
            "csrci",
            "rdcycle",
            "rdtime",
            "rdinstret",
            "rdcycleh",
            "rdtimeh",
            "rdinstreth",
            "csrrwi",
            "frcsr",
            "fscsr",
            "frrm",
            "fsrm",
            "frflags",
            "fsflags",
        ],
    ),
    (
        "privileged instructions and traps are outside the memory model",
        &[
            "ecall", "ebreak", "mret", "sret", "mnret", "wfi", "sfence", "hfence", "sinval",
            "hinval", "hlv", "hlvx", "hsv", "unimp", "scall", "sbreak",
        ],
    ),
    (
        "floating point is not supported",
        &[
            "flw", "fld", "fsw", "fsd", "flh", "fsh", "flq", "fsq", "fadd", "fsub", "fmul", "fdiv",
            "fsqrt", "fmv", "fcvt", "fsgnj", "fsgnjn", "fsgnjx", "fmin", "fmax", "feq", "flt",
            "fle", "fgt", "fge", "fabs", "fneg", "fclass", "fmadd", "fmsub", "fnmadd", "fnmsub",
            "fli", "fround", "froundnx", "fminm", "fmaxm", "fleq", "fltq", "fcvtmod", "fmvh",
            "fmvp",
        ],
    ),
    ("cache-block operations are outside the memory model", &["cbo"]),
    (
        "cryptographic and carry-less instructions are not supported",
        &[
            "clmul", "clmulh", "clmulr", "pack", "packh", "packw", "brev8", "zip", "unzip",
            "xperm4", "xperm8",
        ],
    ),
    ("the push, pop and table jumps of Zcmp and Zcmt are not supported", &["cm"]),
    ("may-be-operations (Zimop) are not supported", &["mop"]),
    (
        "control-flow integrity (Zicfilp, Zicfiss) is not supported",
        &["lpad", "sspush", "sspopchk", "ssrdp", "ssamoswap"],
    ),
];

/// Beginnings of the mnemonics of scalar cryptography.
const CRYPTOGRAPHY: [&str; 6] = ["aes32", "aes64", "sha256", "sha512", "sm3p", "sm4"];

/// Zcb (manual, chapter "Zc*"), which no hart of a test can be given.
const ZCB: [&str; 12] = [
    "c.lbu", "c.lhu", "c.lh", "c.sb", "c.sh", "c.zext.b", "c.sext.b", "c.zext.h", "c.sext.h",
    "c.zext.w", "c.not", "c.mul",
];

/// Why `mnemonic` cannot be run, or `None` if it is no instruction that we know of.
pub(super) fn why(mnemonic: &str) -> Option<&'static str> {
    let stem = mnemonic.split('.').next().unwrap_or(mnemonic);
    if let Some((reason, _)) = BY_STEM.iter().find(|(_, stems)| stems.contains(&stem)) {
        return Some(reason);
    }
    match stem {
        "lr" | "sc" if mnemonic.contains(".q") => Some("128-bit LR and SC do not exist in RV64"),
        "c" => compressed(mnemonic),
        _ if CRYPTOGRAPHY.iter().any(|start| stem.starts_with(start)) => {
            Some("cryptographic and carry-less instructions are not supported")
        }
        _ if is_vector(mnemonic) => Some("vector instructions are not supported"),
        _ => None,
    }
}

fn compressed(mnemonic: &str) -> Option<&'static str> {
    match mnemonic {
        "c.flw" | "c.fld" | "c.fsw" | "c.fsd" | "c.flwsp" | "c.fldsp" | "c.fswsp" | "c.fsdsp" => {
            Some("floating point is not supported")
        }
        "c.ebreak" | "c.unimp" => {
            Some("privileged instructions and traps are outside the memory model")
        }
        _ if mnemonic.starts_with("c.mop.") => {
            Some("may-be-operations (Zimop, Zcmop) are not supported")
        }
        "c.sspush" | "c.sspopchk" => {
            Some("control-flow integrity (Zicfilp, Zicfiss) is not supported")
        }
        "c.ntl.p1" | "c.ntl.pall" | "c.ntl.s1" | "c.ntl.all" => None,
        "c.ld" | "c.sd" | "c.ldsp" | "c.sdsp" => None,
        _ if ZCB.contains(&mnemonic) => {
            Some("the compressed instructions of Zcb are not supported: write what they expand to")
        }
        _ => None,
    }
}

fn is_vector(mnemonic: &str) -> bool {
    mnemonic.starts_with("vset")
        || (mnemonic.starts_with('v') && mnemonic.contains('.'))
        || ["vle", "vse", "vlse", "vsse"].iter().any(|p| {
            mnemonic
                .strip_prefix(p)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
}

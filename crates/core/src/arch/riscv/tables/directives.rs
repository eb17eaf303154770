//! Directives of the assembler that stand in what a compiler prints of a function.

/// Those that say something to the assembler, the linker or the debugger, and nothing to a hart.
const SILENT: [&str; 24] = [
    ".text",
    ".section",
    ".globl",
    ".global",
    ".local",
    ".weak",
    ".hidden",
    ".protected",
    ".type",
    ".size",
    ".align",
    ".p2align",
    ".balign",
    ".file",
    ".ident",
    ".loc",
    ".option",
    ".attribute",
    ".addrsig",
    ".addrsig_sym",
    ".variant_cc",
    ".previous",
    ".pushsection",
    ".popsection",
];

/// Those that put bytes where they stand, or define a symbol.
const DATA: [&str; 24] = [
    ".byte", ".2byte", ".half", ".short", ".4byte", ".word", ".long", ".8byte", ".dword", ".quad",
    ".ascii", ".asciz", ".string", ".zero", ".space", ".skip", ".fill", ".comm", ".lcomm", ".set",
    ".equ", ".insn", ".data", ".bss",
];

/// What a directive is to a test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Directive {
    /// Nothing.
    Silent,
    /// Data in the code, which a test has not.
    Data,
}

/// The directive of that name.
#[must_use]
pub fn directive(name: &str) -> Option<Directive> {
    if SILENT.contains(&name) || name.starts_with(".cfi_") {
        return Some(Directive::Silent);
    }
    DATA.contains(&name).then_some(Directive::Data)
}

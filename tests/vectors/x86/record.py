#!/usr/bin/env python3
"""Records what each instruction of x86 computes, by running it on the processor of this machine.

    tests/vectors/x86/record.py

rewrites vectors.txt beside this script; tests/engines/x86_values.rs holds what rvlitmus computes against it. It
needs an x86-64 processor, gcc and binutils.

One line is one execution: an instruction in AT&T's syntax, `(m)` the 16 bytes at m, and behind it flags (those of
EFLAGS that are modelled: CF, PF, ZF, SF, OF), rax, rbx, rcx, rdx and the two words of m, before and after, in
hexadecimal.
"""

import pathlib
import random
import subprocess
import tempfile

WIDTHS = "bwlq"
REGS = {
    "a": dict(zip(WIDTHS, ["%al", "%ax", "%eax", "%rax"])),
    "b": dict(zip(WIDTHS, ["%bl", "%bx", "%ebx", "%rbx"])),
    "c": dict(zip(WIDTHS, ["%cl", "%cx", "%ecx", "%rcx"])),
    "d": dict(zip(WIDTHS, ["%dl", "%dx", "%edx", "%rdx"])),
}
CONDITIONS = "o no b ae e ne be a s ns p np l ge le g".split()
EDGES = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, (1 << 63) - 1, 1 << 63,
         (1 << 64) - 1, 0x0123456789ABCDEF, 0xFEDCBA9876543210]
FLAGS = 0x8C5


def instructions():
    a, b, c, d = (REGS[name] for name in "abcd")
    for w in WIDTHS:
        for op in ["add", "adc", "sub", "sbb", "and", "or", "xor", "cmp", "test", "mov"]:
            yield f"{op}{w} {b[w]},{a[w]}"
            yield f"{op}{w} {b[w]},(m)"
            yield f"{op}{w} $-3,{d[w]}"
            yield f"{op}{w} $5,(m)"
            if op != "test":
                yield f"{op}{w} (m),{c[w]}"
        for op in ["add", "adc", "sub", "sbb", "and", "or", "xor"]:
            yield f"lock {op}{w} {b[w]},(m)"
            yield f"lock {op}{w} $1,(m)"
        for op in ["inc", "dec", "neg", "not"]:
            yield f"{op}{w} {a[w]}"
            yield f"{op}{w} (m)"
            yield f"lock {op}{w} (m)"
        for op in ["shl", "shr", "sar"]:
            yield f"{op}{w} {a[w]}"
            yield f"{op}{w} $3,{b[w]}"
            yield f"{op}{w} %cl,{d[w]}"
            yield f"{op}{w} %cl,(m)"
        yield f"xchg{w} {a[w]},{b[w]}"
        yield f"xchg{w} {c[w]},(m)"
        for lock in ["", "lock "]:
            yield f"{lock}xadd{w} {b[w]},(m)"
            yield f"{lock}cmpxchg{w} {b[w]},(m)"
        yield f"xadd{w} {a[w]},{b[w]}"
        yield f"xadd{w} {a[w]},{a[w]}"
        yield f"cmpxchg{w} {c[w]},{d[w]}"
        yield f"xor{w} {a[w]},{a[w]}"
        if w != "b":
            yield f"imul{w} {b[w]},{a[w]}"
            yield f"imul{w} $-7,{c[w]},{d[w]}"
            for op in ["bt", "bts", "btr", "btc"]:
                yield f"{op}{w} {b[w]},{a[w]}"
                yield f"{op}{w} $13,{d[w]}"
                yield f"{op}{w} $7,(m)"
                if op != "bt":
                    yield f"lock {op}{w} $9,(m)"
            for condition in CONDITIONS:
                yield f"cmov{condition}{w} {b[w]},{a[w]}"
    for text in ["movzbw %bl,%ax", "movzbl %bl,%eax", "movzbq (m),%rax", "movzwl %bx,%ecx", "movzwq (m),%rdx",
                 "movsbw (m),%ax", "movsbl %bl,%eax", "movsbq (m),%rcx", "movswl (m),%edx", "movswq %bx,%rax",
                 "movslq %ebx,%rax", "movslq (m),%rdx", "movb %ah,%bl", "movb %bl,%ah", "addb %ch,%dl", "addb %al,%dh",
                 "movabsq $81985529216486895,%rcx", "leaq 5(%rax,%rbx,4),%rcx", "leal -3(%rdx),%eax",
                 "leaw (%rax,%rbx),%dx", "cmpxchg8b (m)", "lock cmpxchg8b (m)", "lock cmpxchg16b (m)",
                 "mfence", "lfence", "sfence", "nop", "pause", "cmovel (m),%ebx", "cmovneq (m),%rcx"]:
        yield text
    for condition in CONDITIONS:
        yield f"set{condition} %al"
        yield f"set{condition} (m)"


def states(text, rng):
    """Flags, rax, rbx, rcx, rdx, and two words of memory."""
    for number in range(4):
        values = [rng.choice(EDGES) if rng.random() < 0.7 else rng.getrandbits(64) for _ in range(6)]
        if "cl" in text.split(",")[0] and text.startswith("s"):
            values[2] = rng.choice([0, 1, 2, 7, 8, 15, 31, 32, 33, 63, 64])
        if "cmpxchg" in text and number % 2:
            # Half of them succeed.
            values[0], values[3] = values[4], values[5]
            if "8b" in text:
                values[0], values[3] = values[4] & 0xFFFFFFFF, values[4] >> 32
                values[0] |= rng.getrandbits(32) << 32
            elif "(m)" not in text:
                values[0] = values[3]
        yield [rng.getrandbits(16) & FLAGS] + values


def main():
    folder = pathlib.Path(__file__).parent
    rng = random.Random(86)
    cases = [(text, state) for text in instructions() for state in states(text, rng)]
    texts = list(dict.fromkeys(text for text, _ in cases))
    number = {text: index for index, text in enumerate(texts)}
    code = [".text"]
    for text, index in number.items():
        code += [
            f".globl f{index}", f"f{index}:", "push %rbx", "mov %rdi,%r8", "lea 48(%r8),%rsi",
            "mov 8(%r8),%rax", "mov 16(%r8),%rbx", "mov 24(%r8),%rcx", "mov 32(%r8),%rdx",
            "pushq (%r8)", "popfq", text.replace("(m)", "(%rsi)"), "pushfq", "popq (%r8)",
            "mov %rax,8(%r8)", "mov %rbx,16(%r8)", "mov %rcx,24(%r8)", "mov %rdx,32(%r8)", "pop %rbx", "ret",
        ]
    code += [".section .note.GNU-stack"]
    table = ",".join(f"f{index}" for index in range(len(texts)))
    declared = "".join(f"void f{index}(unsigned long *);" for index in range(len(texts)))
    rows = ",".join(
        "{%d,{%s}}" % (number[text], ",".join(f"{value}ul" for value in state[:5] + [0] + state[5:]))
        for text, state in cases
    )
    driver = f"""
#include <stdio.h>
{declared}
static void (*table[])(unsigned long *) = {{{table}}};
static struct {{ int f; unsigned long at[8] __attribute__((aligned(16))); }} rows[] = {{{rows}}};
int main(void) {{
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {{
        table[rows[i].f](rows[i].at);
        for (int k = 0; k < 8; k++) if (k != 5) printf("%lx ", rows[i].at[k]);
        printf("\\n");
    }}
}}
"""
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "code.s").write_text("\n".join(code) + "\n")
        (scratch / "driver.c").write_text(driver)
        subprocess.run(["gcc", "-w", "-o", scratch / "record", scratch / "driver.c", scratch / "code.s"], check=True)
        out = subprocess.run([scratch / "record"], check=True, capture_output=True, text=True).stdout
    lines = ["# Recorded by record.py, which says what the columns are."]
    for (text, state), after in zip(cases, out.splitlines()):
        after = [int(value, 16) for value in after.split()]
        after[0] &= FLAGS
        before = " ".join(f"{value:x}" for value in state)
        lines.append(f"{text} | {before} | {' '.join(f'{value:x}' for value in after)}")
    (folder / "vectors.txt").write_text("\n".join(lines) + "\n")


main()

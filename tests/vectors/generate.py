#!/usr/bin/env python3
"""Records what each instruction computes, by running it in an emulator that shares nothing with rvlitmus.

    tests/vectors/generate.py [--qemu qemu-riscv64] [--prefix riscv64-linux-gnu-]

rewrites the *.txt files beside this script, and with `--base 32` those in rv32/; tests/engines/values holds
the tables of crates/core/src/arch/riscv against them.
It needs the Debian packages binutils-riscv64-linux-gnu and qemu-user. Zicond, Zacas and Zabha need
QEMU 9.1 or later (Debian 12 has one in bookworm-backports). Instructions younger than binutils 2.40
are written as `.insn`, so the assembler need not know them.

No released emulator packaged there runs Zalasr: its loads and stores are recorded as the plain ones,
whose value they have by definition.

With `--base 32` the same shapes run on RV32, with 32 bits where they have 64: the emulator is
qemu-riscv32, and what Debian 12's does not know (Zicond, Zabha, Zacas) is left out.

One line is one execution: `mnemonic inputs -> outputs`, numbers in hexadecimal, immediates in decimal.
SHAPES below says what the inputs and outputs of each shape are.
"""

import argparse
import pathlib
import random
import struct
import subprocess
import tempfile

M64 = (1 << 64) - 1
M32 = (1 << 32) - 1
MIN, MAX = 1 << 63, (1 << 63) - 1
MIN32 = 0xFFFF_FFFF_8000_0000
UP, DOWN = 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210
ODD, EVEN = 0xAAAA_AAAA_AAAA_AAAA, 0x5555_5555_5555_5555

# Values on which instructions tend to differ: the ends of 8, 16, 32 and 64 bits, and patterns.
EDGES = [
    0, 1, M64, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
    1 << 32, MAX, MIN, MIN32, UP, DOWN, 0x00FF_0000_0100_FF80,
]
PAIRS = [
    (0, 0), (1, 1), (0, M64), (M64, 1), (MIN, M64), (MAX, 1), (MIN, MAX), (0x8000_0000, 1),
    (MIN32, M64), (0x7FFF_FFFF, 0xFFFF_FFFF), (UP, DOWN), (ODD, EVEN), (DOWN, DOWN),
]
SHIFTS = [
    (UP, 0), (DOWN, 1), (MIN | 1, 31), (DOWN, 32), (MIN32 | 1, 33), (DOWN, 63), (UP, 64),
    (0x7FFF_FFFF_8000_0001, 65), (0x8000_0000, 4), (M64, M64), (UP, 1 << 32 | 12),
]
PRODUCTS = PAIRS + [(M64, M64), (MIN, MIN), (0xFFFF_FFFF, 0xFFFF_FFFF), (1 << 32, 1 << 32), (MAX, MAX)]
QUOTIENTS = [
    (7, 0), (M64 - 6, 0), (0, 0), (MIN, 0), (MIN, M64), (MIN, 1), (M64 - 6, 2), (7, M64 - 1),
    (M64 - 6, M64 - 1), (MIN32, M64), (0x8000_0000, 0xFFFF_FFFF), (UP, 1 << 32), (DOWN, 0x1_0000_0007),
    (M64, 2), (0xFFFF_FFFF, 3), (UP, 1),
]
CONDITIONS = PAIRS + [(UP, 0), (0, UP), (UP, 1), (DOWN, MIN), (UP, 1 << 32)]
IMMEDIATES = [
    (0, 0), (1, -1), (M64, 1), (MAX, 1), (MIN, -1), (0x7FFF_FFFF, 1), (MIN32, -1), (UP, 2047),
    (DOWN, -2048), (ODD, -2048), (5, 5), (M64 - 4, -4),
]
SIX_BITS = [(0, 0), (1, -1), (M64, 1), (MAX, 1), (0x7FFF_FFFF, 1), (MIN32, -1), (UP, 31), (DOWN, -32)]
AMOUNTS = [(DOWN, 0), (UP, 1), (MIN32 | 1, 31), (DOWN, 32), (MIN | 1, 33), (DOWN, 63), (UP, 12), (M64, 7)]
AMOUNTS32 = [(DOWN, 0), (UP, 0), (UP, 1), (MIN32 | 1, 31), (UP, 4), (MIN | 1, 15), (DOWN, 16), (UP, 30), (M64, 7)]


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def noise(name, count, width=64):
    """Pseudo-random numbers that depend on the mnemonic alone."""
    stream = random.Random(f"rvlitmus {name}")
    return [stream.getrandbits(width) for _ in range(count)]


class Shape:
    """How to run one kind of instruction: s0 points to the inputs (a quadword each), s1 to the outputs."""

    def __init__(self, code, inputs, outputs, immediate=False):
        self.code, self.inputs, self.outputs, self.immediate = code, inputs, outputs, immediate


# `{op}` is the mnemonic, `{i}` the immediate, which is the last input and stands in the code alone.
# Memory is the quadword at the outputs' last place: the input is copied there first, and a3 points to it.
LOAD_A1, LOAD_A2 = "ld a1,0(s0)", "ld a2,8(s0)"
STORE = "sd a0,0(s1)"
IN_PLACE = "ld a4,0(s0); addi a3,s1,{m}; sd a4,0(a3)"
SHAPES = {
    # rs1, rs2 -> rd
    "binary": Shape(f"{LOAD_A1}; {LOAD_A2}; {{op}} a0,a1,a2; {STORE}", 2, 1),
    # rd = rs1, rs2 -> rd
    "tied": Shape(f"ld a0,0(s0); {LOAD_A2}; {{op}} a0,a2; {STORE}", 2, 1),
    # the one source -> rd
    "unary": Shape(f"{LOAD_A1}; {{op}} a0,a1; {STORE}", 1, 1),
    # rs1, immediate -> rd
    "immediate": Shape(f"{LOAD_A1}; {{op}} a0,a1,{{i}}; {STORE}", 1, 1, True),
    "tied-immediate": Shape(f"ld a0,0(s0); {{op}} a0,{{i}}; {STORE}", 1, 1, True),
    "sp-immediate": Shape(f"ld sp,0(s0); {{op}} a0,sp,{{i}}; {STORE}", 1, 1, True),
    "tied-sp-immediate": Shape("ld sp,0(s0); {op} sp,{i}; sd sp,0(s1)", 1, 1, True),
    # immediate -> rd
    "constant": Shape(f"{{op}} a0,{{i}}; {STORE}", 0, 1, True),
    # immediate -> rd - pc
    "pc": Shape(f"1: {{op}} a0,{{i}}; lla a1,1b; sub a0,a0,a1; {STORE}", 0, 1, True),
    # rs1, rs2 -> 1 if the branch is taken, 0 if not
    "branch": Shape(f"{LOAD_A1}; {LOAD_A2}; li a0,1; {{op}} a1,a2,1f; li a0,0; 1: {STORE}", 2, 1),
    "branch-zero": Shape(f"{LOAD_A1}; li a0,1; {{op}} a1,1f; li a0,0; 1: {STORE}", 1, 1),
    # rs1 - b, immediate -> where the jump lands, less b, b being code
    "jump": Shape(
        f".option push; .option norvc; {LOAD_A1}; lla a2,2f; add a1,a1,a2; {{op}} a5,a1,{{i}};"
        "2: j 3f; j 4f; j 5f; 3: li a0,0; j 6f; 4: li a0,4; j 6f; 5: li a0,8; 6:"
        f"{STORE}; .option pop",
        1, 1, True,
    ),
    # memory -> rd
    "load": Shape(f"{IN_PLACE}; {{op}} a0,0(a3); {STORE}", 1, 2),
    "load-sp": Shape(f"{IN_PLACE}; mv sp,a3; {{op}} a0,0(sp); {STORE}", 1, 2),
    "load-base": Shape(f"{IN_PLACE}; {{op}} a0,(a3); {STORE}", 1, 2),
    # memory, rs2 -> memory
    "store": Shape(f"{IN_PLACE}; {LOAD_A2}; {{op}} a2,0(a3)", 2, 1),
    "store-sp": Shape(f"{IN_PLACE}; {LOAD_A2}; mv sp,a3; {{op}} a2,0(sp)", 2, 1),
    # memory, rs2 -> rd, memory; an SC stands directly after its LR
    "conditional": Shape(f"{IN_PLACE}; {LOAD_A2}; {{lr}} a0,(a3); {{op}} a0,a2,(a3); {STORE}", 2, 2),
    "amo": Shape(f"{IN_PLACE}; {LOAD_A2}; {{op}} a0,a2,(a3); {STORE}", 2, 2),
    # memory, rd, rs2 -> rd, memory
    "compare": Shape(f"{IN_PLACE}; ld a0,8(s0); ld a2,16(s0); {{op}} a0,a2,(a3); {STORE}", 3, 2),
    # the same with 128 bits, low half first
    "compare-pair": Shape(
        "addi a3,s1,16; ld a4,0(s0); sd a4,0(a3); ld a4,8(s0); sd a4,8(a3); ld a0,16(s0); ld a1,24(s0);"
        "ld a4,32(s0); ld a5,40(s0); {op} a0,a4,(a3); sd a0,0(s1); sd a1,8(s1)",
        6, 4,
    ),
}

AMO_FUNCTIONS = {
    "amoadd": 0, "amoswap": 1, "amoxor": 4, "amocas": 5, "amoor": 8, "amoand": 12,
    "amomin": 16, "amomax": 20, "amominu": 24, "amomaxu": 28,
}
AMO_WIDTHS = {"b": 0, "h": 1, "w": 2, "d": 3, "q": 4}
REGISTERS = {"a0": 10, "a1": 11, "a2": 12, "a3": 13, "a4": 14}


def encode(line):
    """Writes an instruction that the assembler may not know as `.insn`."""
    op, _, rest = line.strip().partition(" ")
    operands = rest.replace("(", "").replace(")", "").split(",")
    stem, _, width = op.partition(".")
    if stem == "czero":
        return f".insn r 0x33,{5 if width == 'eqz' else 7},7,{rest}"
    if stem == "amocas" or stem in AMO_FUNCTIONS and width in "bh":
        rd, rs2, rs1 = operands
        return f".insn r 0x2f,{AMO_WIDTHS[width]},{AMO_FUNCTIONS[stem] << 2},{rd},{rs1},{rs2}"
    if op == "zext.b":
        return f"andi {rest},255"
    return line


def table():
    """(file, shape, mnemonic, inputs) of every execution to record."""
    rows = []

    def add(file, shape, names, inputs, spread=0):
        for name in names.split():
            chosen = list(inputs(name) if callable(inputs) else inputs)
            extra = noise(name, 2 * spread)
            chosen += zip(extra[::2], extra[1::2])
            for values in chosen:
                rows.append((file, shape, name, values if isinstance(values, tuple) else (values,)))

    single = lambda name: EDGES + noise(name, 2)
    add("i", "binary", "add sub xor or and slt sltu addw subw", PAIRS, 2)
    add("i", "binary", "sll srl sra sllw srlw sraw", SHIFTS, 2)
    add("i", "immediate", "addi xori ori andi slti sltiu addiw", IMMEDIATES)
    add("i", "immediate", "slli srli srai", AMOUNTS)
    add("i", "immediate", "slliw srliw sraiw", AMOUNTS32)
    uppers = [0, 1, 0x7FFFF, 0x80000, 0xFFFFF, 0x12345, 0xABCDE, 0xFFFFE]
    add("i", "constant", "lui", uppers)
    add("i", "pc", "auipc", uppers)
    add("i", "branch", "beq bne blt bge bltu bgeu", PAIRS, 1)
    add("i", "jump", "jalr", [(0, 0), (4, 0), (8, 0), (0, 4), (1, 0), (9, -4), (2, 3), (2047, -2047), (-2039 & M64, 2047)])
    patterns = [0, M64, UP, DOWN, 0x80, 0x7F7F_7F7F_7F7F_7F7F, 0x8000, MIN32, 0x8080_8080_8080_8080]
    add("i", "load", "lb lh lw ld lbu lhu lwu", patterns)
    add("zalasr", "load-base", "lb.aq lh.aq lw.aq ld.aq", patterns)
    writes = [(M64, 0), (0, M64), (UP, DOWN), (DOWN, UP), (ODD, EVEN), (0, 0x80), (M64, MIN32), (0, MIN)]
    add("i", "store", "sb sh sw sd", writes)
    add("zalasr", "store", "sb.rl sh.rl sw.rl sd.rl", writes)

    constants = [0, 1, -1, 2047, -2048, 0x7FFF_FFFF, -0x8000_0000, 0xFFFF_FFFF, UP, signed(DOWN), signed(MIN), M64]
    add("pseudo", "constant", "li", constants)
    add("pseudo", "unary", "mv not neg negw sext.w sext.b sext.h zext.b zext.h zext.w seqz snez sltz sgtz", single)
    add("pseudo", "binary", "sgt sgtu", PAIRS, 2)
    add("pseudo", "branch", "bgt ble bgtu bleu", PAIRS, 1)
    add("pseudo", "branch-zero", "beqz bnez bltz bgez blez bgtz", [0, 1, M64, 0x8000_0000, MAX, MIN, MIN32, 1 << 32])

    add("m", "binary", "mul mulh mulhsu mulhu mulw", PRODUCTS, 2)
    add("m", "binary", "div divu rem remu divw divuw remw remuw", QUOTIENTS, 3)

    add("zba", "binary", "add.uw sh1add sh2add sh3add sh1add.uw sh2add.uw sh3add.uw", PAIRS, 2)
    add("zba", "immediate", "slli.uw", AMOUNTS)
    add("zbb", "binary", "andn orn xnor min max minu maxu", PAIRS, 2)
    add("zbb", "binary", "rol ror rolw rorw", SHIFTS, 2)
    add("zbb", "immediate", "rori", AMOUNTS)
    add("zbb", "immediate", "roriw", AMOUNTS32)
    add("zbb", "unary", "clz ctz cpop clzw ctzw cpopw orc.b rev8", single)
    add("zbs", "binary", "bclr bext binv bset", SHIFTS, 2)
    add("zbs", "immediate", "bclri bexti binvi bseti", AMOUNTS)
    add("zicond", "binary", "czero.eqz czero.nez", CONDITIONS, 2)

    def atomics(name):
        """Ends of the width in memory and in rs2, with other bits around them that must not count."""
        bits = 8 << "bhwd".index(name.split(".")[1])
        low, top, ones = (1 << bits) - 1, 1 << bits - 1, M64
        inside = [(0, 0), (1, ones), (ones, 1), (top, top - 1), (top - 1, top), (top, ones), (5, 3), (3, 5)]
        around = noise(name, 2 * len(inside) + 4)
        mixed = [
            ((around[2 * i] & ~low & M64) | (a & low), (around[2 * i + 1] & ~low & M64) | (b & low))
            for i, (a, b) in enumerate(inside)
        ]
        return mixed + [tuple(around[-4:-2]), tuple(around[-2:])]

    operations = "amoswap amoadd amoxor amoand amoor amomin amomax amominu amomaxu".split()
    for file, widths in ("zaamo", "wd"), ("zabha", "bh"):
        for operation in operations:
            add(file, "amo", " ".join(f"{operation}.{width}" for width in widths), atomics)
    add("zalrsc", "load-base", "lr.w lr.d", patterns)
    add("zalrsc", "conditional", "sc.w sc.d", writes)

    def swaps(name):
        """Equal and unequal in the width, and in the bits above it, which must not count."""
        bits = 8 << "bhwd".index(name.split(".")[1])
        low = (1 << bits) - 1
        rows = []
        for memory, new in atomics(name):
            rows.append((memory, memory, new))
            rows.append((memory, (memory & low) | (~memory & ~low & M64), new))
            rows.append((memory, memory ^ 1 << bits - 1, new))
        return rows[:21]

    add("zacas", "compare", "amocas.b amocas.h amocas.w amocas.d", swaps)
    old, new = (UP, DOWN), (ODD, EVEN)
    expected = [old, (UP, UP), (DOWN, DOWN), (DOWN, UP), (UP ^ 1, DOWN), (UP, DOWN ^ MIN), (UP ^ MIN, DOWN), (0, 0)]
    add("zacas", "compare-pair", "amocas.q", [old + e + new for e in expected] + [(0, 0, 0, 0, M64, MIN)])

    add("c", "load", "c.lw c.ld", patterns)
    add("c", "load-sp", "c.lwsp c.ldsp", patterns)
    add("c", "store", "c.sw c.sd", writes)
    add("c", "store-sp", "c.swsp c.sdsp", writes)
    add("c", "constant", "c.li", [0, 1, -1, 31, -32, 5, -17, 16])
    add("c", "constant", "c.lui", [1, 31, 0xFFFFF, 0xFFFE0, 16, 5, 0xFFFF0, 0xFFFEF])
    add("c", "tied-immediate", "c.addiw c.andi", SIX_BITS)
    add("c", "tied-immediate", "c.addi", [(a, i) for a, i in SIX_BITS if i] + [(MIN, -1)])
    add("c", "tied-immediate", "c.slli c.srli c.srai", [(a, i) for a, i in AMOUNTS if i] + [(UP, 2)])
    add("c", "tied-sp-immediate", "c.addi16sp", [(a, i) for a in (UP, M64) for i in (16, -16, 496, -512)])
    add("c", "sp-immediate", "c.addi4spn", [(a, i) for a in (UP, M64 - 3) for i in (4, 8, 516, 1020)])
    add("c", "tied", "c.sub c.xor c.or c.and c.subw c.addw c.add", PAIRS)
    add("c", "unary", "c.mv", single)
    add("c", "branch-zero", "c.beqz c.bnez", [0, 1, M64, 0x8000_0000, MAX, MIN, MIN32, 1 << 32])
    return rows


ONLY_RV64 = """ld sd lwu addw subw sllw srlw sraw addiw slliw srliw sraiw mulw divw divuw remw remuw
    add.uw sh1add.uw sh2add.uw sh3add.uw slli.uw clzw ctzw cpopw rolw rorw roriw negw sext.w zext.w lr.d sc.d
    c.ld c.sd c.ldsp c.sdsp c.addiw c.addw c.subw""".split()
SHIFTS_BY = "slli srli srai rori bclri bexti binvi bseti c.slli c.srli c.srai".split()


def narrow(rows):
    """The rows that RV32 can run, with 32 bits of each input."""
    kept = []
    shifts = [row for row in rows if row[2] in SHIFTS_BY]
    more = [(*row[:3], by) for row in shifts for by in [(DOWN, 5), (UP, 16), (MIN32, 30), (ODD, 9), (EVEN, 3)]]
    sums = [row for row in rows if row[2] in ("c.addi", "c.addi16sp")]
    more += [(*row[:3], (value, 16)) for row in sums for value in (MIN32, DOWN, 0x7FFF_FFF8)]
    for file, shape, op, values in rows + more:
        amo = op.startswith("amo") and op.endswith(".d")
        if file in ("zicond", "zabha", "zacas", "zalasr") or op in ONLY_RV64 or amo:
            continue
        if op in SHIFTS_BY and not 0 < values[1] < 32 and not (values[1] == 0 and op[0] != "c"):
            continue
        if op == "li" and not -(1 << 31) <= values[0] <= M32:
            continue
        count = SHAPES[shape].inputs
        row = (file, shape, op, tuple(value & M32 for value in values[:count]) + values[count:])
        if row not in kept:
            kept.append(row)
    return kept


def on_rv32(code):
    """Loads and stores words where RV64 has doublewords; they keep their places."""
    return code.replace("ld ", "lw ").replace("sd ", "sw ")


def assemble(rows, base):
    """One program that runs every row and writes all outputs to its standard output."""
    text, data, size = [], [], 0
    for _, name, op, values in rows:
        shape = SHAPES[name]
        plain = op.removesuffix(".aq").removesuffix(".rl") if op[0] in "ls" else op
        inputs = values[: shape.inputs]
        data.append(f".quad {','.join(map(hex, inputs))}" if inputs else "")
        immediate = values[shape.inputs] if shape.immediate else ""
        code = shape.code if base == 64 else on_rv32(shape.code)
        code = code.format(op=plain, i=immediate, m=8 * (shape.outputs - 1), lr=f"lr.{op[-1]}")
        text += [encode(part) for part in code.split(";")]
        # Outputs are kept on 16 bytes, which amocas.q needs of memory.
        room = (8 * shape.outputs + 15) & ~15
        text.append(f"addi s0,s0,{8 * len(inputs)}; addi s1,s1,{room}")
        size += room
    return "\n".join(
        [".globl _start", "_start: lla s0,inputs; lla s1,outputs"]
        + text
        + ["li a0,1; lla a1,outputs", f"li a2,{size}", "li a7,64; ecall; li a0,0; li a7,93; ecall"]
        + [".data", ".balign 16", "inputs:"]
        + data
        + [".balign 16", f"outputs: .zero {size}"]
    )


def run(rows, march, prefix, qemu, cpu, base):
    """The outputs of every row, in order."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "a.s").write_text(assemble(rows, base) + "\n")
        abi = ["-mabi=ilp32"] if base == 32 else []
        subprocess.run([f"{prefix}as", f"-march={march}", *abi, "-o", place / "a.o", place / "a.s"], check=True)
        linker = [f"{prefix}ld", "-m", f"elf{base}lriscv"]
        subprocess.run([*linker, "--no-relax", "-o", place / "a", place / "a.o"], check=True)
        raw = subprocess.run([qemu, "-cpu", cpu, place / "a"], check=True, capture_output=True).stdout
    results, at = [], 0
    for _, name, _, _ in rows:
        outputs = SHAPES[name].outputs
        results.append(struct.unpack_from(f"<{outputs}Q", raw, at))
        at += (8 * outputs + 15) & ~15
    assert at == len(raw), "the program stopped early"
    return results


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--base", type=int, choices=(32, 64), default=64)
    arguments.add_argument("--qemu")
    arguments.add_argument("--prefix", default="riscv64-linux-gnu-")
    options = arguments.parse_args()
    base = options.base
    qemu = options.qemu or f"qemu-riscv{base}"
    cpu = "max" if base == 64 else "rv32,zba=true,zbb=true,zbs=true"
    rows = table() if base == 64 else narrow(table())
    results = run(rows, f"rv{base}imac_zba_zbb_zbs", options.prefix, qemu, cpu, base)

    # The assembler has expansions for harts without Zba and Zbb: they must compute the same.
    pseudo = [index for index, row in enumerate(rows) if row[0] == "pseudo"]
    plain = run([rows[index] for index in pseudo], f"rv{base}ima", options.prefix, qemu, cpu, base)
    assert plain == [results[index] for index in pseudo], "an expansion differs from its instruction"

    files = {}
    for (file, name, op, values), outputs in zip(rows, results):
        shape = SHAPES[name]
        if name.startswith("load"):
            outputs = outputs[:1]
        inputs = [hex(value) for value in values[: shape.inputs]] + [str(v) for v in values[shape.inputs :]]
        line = f"{op} {' '.join(inputs)} -> {' '.join(map(hex, outputs))}"
        lines = files.setdefault(file, [])
        if line not in lines:
            lines.append(line)
    for file, lines in files.items():
        header = "# Recorded by generate.py, which says what the columns are. Do not edit.\n"
        folder = pathlib.Path(__file__).parent / ("rv32" if base == 32 else "")
        folder.mkdir(exist_ok=True)
        (folder / f"{file}.txt").write_text(header + "\n".join(lines) + "\n")
        print(f"{file}: {len(lines)} vectors of {len({line.split()[0] for line in lines})} instructions")


if __name__ == "__main__":
    main()

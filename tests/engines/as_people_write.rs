//! Tests as people write them: what herd7 reads besides, what compilers print, and what is refused by its name.

use rvlitmus_core::litmus::{Problem, parse};
use rvlitmus_core::session::{Session, Unwatched};

/// `Never`, `Sometimes` or `Always` under RVWMO and Ztso.
fn verdicts(text: &str) -> [&'static str; 2] {
    let session = Session::default();
    let test = session.read(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let machines = session.machines(&test).expect("two machines");
    let answer =
        session.answer(&test, &machines, &Unwatched).unwrap_or_else(|e| panic!("{e}\n{text}"));
    [0, 1].map(|machine| answer.observation(machine).map_or("none", |it| it.name()))
}

/// Message passing, or store buffering, with other parts here and there.
fn message_passing(init: &str, rest: &str) -> String {
    format!(
        "RISCV t\n{{ {init} }}\n P0 | P1 ;\n sw x5,(x6) | lw x8,(x7) ;\n fence w,w | fence r,r ;\n \
         sw x5,(x7) | lw x9,(x6) ;\n{rest}\n"
    )
}

const REGISTERS: &str = "0:x5=1; 0:x6=x; 0:x7=y; 1:x6=x; 1:x7=y;";

#[test]
fn a_condition_may_be_written_in_any_of_herds_ways() {
    for (rest, verdict) in [
        ("exists (1:x8=1 /\\ 1:x9=0)", "Never"),
        ("exists (P1:x8=1 /\\ P1:x9=0)", "Never"),
        ("final (1:x8=1 /\\ 1:x9=0)", "Never"),
        ("exists (1:x8=1 /\\ 1:x9=0);", "Never"),
        ("exists 1:x8=1 /\\ 1:x9=0 ;", "Never"),
        ("~exists (1:x8=1 /\\ 1:x9=0);\nwith sc: ~exists; tso: forall; wmo: exists", "Never"),
        ("exists (1:x8=1 /\\ 1:x9=0)\nwith a-model: not exists;", "Never"),
        ("locations [1:x8;]\n(1:x8=1 /\\ 1:x9=0)", "Never"),
        ("observed 1:x8=1; 1:x9=0;", "Never"),
        ("observed 1:x8=1; 1:x9=0; and 1:x8=0; 1:x9=0;", "Sometimes"),
        ("Observed 1:x8=0; and 1:x8=1;", "Always"),
        ("observed 1:x8=1; and", "Always"),
        ("exists (1:x8=P1:x9)", "Sometimes"),
        ("exists (1:x8=*y)", "Sometimes"),
        ("exists ([y]=[x] /\\ x=1)", "Always"),
    ] {
        assert_eq!(verdicts(&message_passing(REGISTERS, rest))[0], verdict, "{rest}");
    }
}

#[test]
fn a_type_may_stand_behind_what_it_is_of() {
    let shown = |locations: &str| {
        let text = message_passing(REGISTERS, &format!("locations [{locations}]\nexists true"));
        let test = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let shown: Vec<_> = test.locations.iter().map(|place| place.value.to_string()).collect();
        shown.join("; ")
    };
    assert_eq!(
        shown("x int; 1:x8 uint64_t; y; P1:x9 int*; z*; w unsigned short"),
        "int32_t x; uint64_t 1:x8; y; uint64_t 1:x9; uint64_t z; uint16_t w"
    );
    assert_eq!(shown("int x; x int *;"), "int32_t x; uint64_t x");
}

#[test]
fn declarations_may_be_written_in_any_of_herds_ways() {
    for init in [
        "int *p=&x; *q=y; int *r; int *1:x10; uint64_t 1:x11; 1:x12;",
        "P0:x10=x; *p=&a[1]; int a[2]; int *s = x",
        "_Atomic int x = 0; y = ATOMIC_INIT(0); volatile uint8_t z",
        "a={1,2}; int b={3}; c[]={4}; int *e[2]={&x,y}",
    ] {
        let text = message_passing(&format!("{REGISTERS}{init}"), "exists (1:x8=1 /\\ 1:x9=0)");
        assert_eq!(verdicts(&text)[0], "Never", "{init}");
    }
    let array =
        "RISCV t\n{ int a[2]={7,8}; 0:x5=a; 0:x6=3; }\n P0 ;\n sw x6,4(x5) ;\nexists a={7,3}";
    assert_eq!(verdicts(array), ["Always"; 2]);
    let code = "RISCV t\n{ 0:x5=0:L; 0:x6=label:\"P0:L\"; 0:x7=P0:L; }\n P0 ;\n L: nop ;\n\
                exists (0:x5=0:x6 /\\ 0:x6=0:x7)";
    assert_eq!(verdicts(code), ["Always"; 2]);
}

/// On the right of a comparison it is what it is in the initial state.
#[test]
fn an_element_on_the_right_is_its_address() {
    let text = |condition: &str| {
        format!(
            "RISCV t\n{{ int a[2]={{7,8}}; 0:x10=a; 0:x11=a[1]; }}\n P0 ;\n addi x5,x10,4 ;\n \
             lw x6,(x5) ;\nexists ({condition})"
        )
    };
    for always in ["0:x5=a[1]", "0:x5=&a[1]", "0:x11=a[1]", "0:x6=[a[1]]", "0:x6<>a[1]"] {
        assert_eq!(verdicts(&text(always)), ["Always"; 2], "{always}");
    }
    assert_eq!(verdicts(&text("0:x6=a[1]")), ["Never"; 2]);
}

#[test]
fn the_header_may_have_a_second_name_and_free_text() {
    let rest = " P0 ;\n NOP ;\n MV x5,x6 ;\n RET ;\nexists 0:x5=0\n";
    for (header, notes) in [
        ("RISCV t (T)\n{}\n", 0),
        ("RISCV t (T) \"described\";\nKey=value\n{};\n", 0),
        ("RISCV t for the manual\nof today\n{}\n", 2),
        ("RISCV t\nas it was seen { 0:x6=0; }\n;", 1),
        ("RISCV t\n(* a comment that nobody closes\nKey=value\n{}\n", 1),
    ] {
        let text = format!("{header}{rest}");
        let test = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(test.name, "t");
        assert_eq!(test.notes.0.len(), notes, "{header}: {:?}", test.notes);
        assert_eq!(verdicts(&text), ["Always"; 2], "{header}");
    }
}

/// Two functions, pasted as `clang -O2 -S` prints them.
#[test]
fn what_a_compiler_prints_is_read() {
    let compiled = "RISCV compiled
{ }
 P0                             | P1                          ;
 .text                          | .globl reader               ;
 .p2align 1                     | .type reader, @function     ;
 writer:                        | reader:                     ;
 .cfi_startproc                 | .cfi_startproc              ;
 lui a0, %hi(data)              | .Lpcrel_hi0: auipc a0, %pcrel_hi(flag) ;
 li a1, 1                       | lw a1, %pcrel_lo(.Lpcrel_hi0)(a0) ;
 sw a1, %lo(data)(a0)           | fence r, rw                 ;
 fence rw, w                    | .Lpcrel_hi1: auipc a0, %pcrel_hi(data) ;
 .Lpcrel_hi0: auipc a0, %pcrel_hi(flag) | addi a0, a0, %pcrel_lo(.Lpcrel_hi1) ;
 sw a1, %pcrel_lo(.Lpcrel_hi0)(a0) | lw a2, 0(a0)             ;
 ret                            | ret                         ;
 .size writer, .-writer         | .section .note,\"a;b|c\",@progbits ; # the end
exists (1:a1=1 /\\ 1:a2=0)";
    assert_eq!(verdicts(compiled), ["Never"; 2]);
    let test = parse(compiled).expect("a test");
    assert_eq!(test.notes.0.len(), 8, "{:?}", test.notes);
    assert_eq!(test.notes.0[1].value, "`.globl reader` is skipped: it is for the assembler");
}

/// Where there is one column, the end of a line is that of a row.
#[test]
fn code_of_one_hart_may_be_pasted_line_by_line() {
    let text = "RISCV t\n{ 0:a1=x; }\nP0 ;\n\t.globl\tf\nf:\n\tli a0,2 # two\n.L1: # again\n\tsw a0,0(a1)\n\
                \taddi a0,a0,-1\n\tbnez a0,.L1\n\tret\n\t.size f,.-f\nforall (x=1 /\\ 0:a0=0)\n";
    assert_eq!(verdicts(text), ["Always"; 2]);
    let two = text.replacen("P0 ;", "P0 | P1 ;", 1);
    assert!(parse(&two).is_err());
}

#[test]
fn parts_of_addresses_add_up() {
    for code in [
        "lui x5,%hi(y) ; addi x6,x5,%lo(y)",
        "lui x5,%hi(y+4) ; addi x5,x5,%lo(y+4) ; addi x6,x5,-4",
        "1: auipc x5,%pcrel_hi(y) ; addi x6,x5,%pcrel_lo(1b)",
        "nop ; 1: auipc x5,%pcrel_hi(y+4) ; j 2f ; 2: addi x5,x5,%pcrel_lo(1b) ; addi x6,x5,-4",
        "li x6,0x12345678 ; L: auipc x5,%pcrel_hi(y) ; addi x6,x5,%pcrel_lo(L)",
    ] {
        let text = format!("RISCV t\n{{ int a[2000]; }}\n P0 ;\n {code} ;\nexists 0:x6=y");
        assert_eq!(verdicts(&text), ["Always"; 2], "{code}");
    }
    let lui =
        "RISCV t\n{ }\n P0 ;\n lui x5,%hi(x) ;\n lw x6,%lo(x)(x5) ;\n sw x6,%lo(y - 4)(x5) ;\n";
    assert!(parse(lui).expect("a test").to_string().contains("sw x6,%lo(y-4)(x5)"));
}

#[test]
fn numeric_labels_are_the_nearest() {
    let text = |code: &str, condition: &str| {
        format!("RISCV t\n{{ }}\n P0 ;\n {code} ;\nforall ({condition})")
    };
    for (code, condition) in [
        ("j 1f ; 1: li x5,1 ; j 1f ; li x5,2 ; 1: nop", "0:x5=1"),
        ("li x6,2 ; 0: addi x6,x6,-1 ; addi x5,x5,1 ; bnez x6,0b", "0:x5=2"),
        ("1: 2: beqz x0,1f ; 1: j 3f ; li x5,1 ; 3:", "0:x5=0"),
        ("1: addi x5,x5,1 ; slti x6,x5,2 ; bnez x6,1b ; 1: li x7,1", "0:x5=2 /\\ 0:x7=1"),
    ] {
        assert_eq!(verdicts(&text(code, condition)), ["Always"; 2], "{code}");
    }
}

#[test]
fn a_return_that_nobody_called_ends_the_hart() {
    for (init, code, always) in [
        ("", "li x5,1 ; ret ; li x5,2", "0:x5=1"),
        ("", "li x5,1 ; beqz x6,1f ; ret ; 1: li x5,3 ; jr ra ; li x5,2", "0:x5=3"),
        ("", "jal f ; li x6,1 ; j end ; f: li x5,1 ; ret ; end:", "0:x5=1 /\\ 0:x6=1"),
        ("0:ra=P0:on;", "ret ; li x5,1 ; on: li x6,1", "0:x5=0 /\\ 0:x6=1"),
    ] {
        let text = format!("RISCV t\n{{ {init} }}\n P0 ;\n {code} ;\nexists ({always})");
        assert_eq!(verdicts(&text), ["Always"; 2], "{code}");
    }
}

/// Zilsd (manual, chapter of that name): each half is an access of its own, in no order.
#[test]
fn doublewords_of_rv32_are_two_words() {
    let pair = |p0: &str, p1: &str, condition: &str| {
        format!(
            "RISCV t\nBase=rv32\n{{ int c[2]; 0:x10=c; 1:x10=c; 0:x6=1; 0:x7=1; }}\n P0 | P1 ;\n \
             {p0} | {p1} ;\nexists ({condition})"
        )
    };
    for state in ["1:x6=1 /\\ 1:x7=0", "1:x6=0 /\\ 1:x7=1", "1:x6=1 /\\ 1:x7=1"] {
        let text = pair("sd x6,0(x10)", "ld x6,0(x10)", state);
        assert_eq!(verdicts(&text), ["Sometimes"; 2], "{state}");
    }
    let in_order = "sw x6,0(x10) ; fence w,w ; sw x6,4(x10)".split(" ; ");
    let in_order: Vec<_> = in_order.collect();
    let rows = |second: &str| {
        let text = pair(in_order[0], "ld x6,0(x10)", "1:x6=0 /\\ 1:x7=1");
        text.replacen(";\nexists", &format!(";\n {} | ;\n {second} | ;\nexists", in_order[1]), 1)
    };
    assert_eq!(verdicts(&rows(in_order[2])), ["Sometimes"; 2], "halves are read in any order");
    let own = "RISCV t\nBase=rv32\n{ int c[2]={5,6}; 0:x10=c; }\n P0 ;\n 1: ld x10,0(x10) ;\n j 2f ;\n \
               li x10,0 ;\n 2: ld x0,0(x0) ;\nexists (0:x10=5 /\\ 0:x11=6)";
    let own = own.replace("2: ld x0,0(x0)", "2: nop");
    assert_eq!(verdicts(&own), ["Always"; 2], "the address is read before it is overwritten");
    let zero = "RISCV t\nBase=rv32\n{ int c[2]={5,6}; 0:x10=c; 0:x1=7; }\n P0 ;\n sd x0,0(x10) ;\n\
                exists (c={0,0} /\\ 0:x1=7)";
    assert_eq!(verdicts(zero), ["Always"; 2], "x0 is a pair of zeros");
    let odd = pair("sd x7,0(x10)", "ld x6,0(x10)", "true");
    let session = Session::default();
    let test = session.read(&odd).expect("a test");
    let machines = session.machines(&test).expect("two machines");
    let error = session.link(&test, &machines[0]).expect_err("an odd register");
    assert!(error.to_string().contains("must be an even register"), "{error}");
}

/// What is outside the memory model is refused by its name, and never a mistake of the language.
#[test]
fn what_is_outside_is_refused_by_name() {
    let of = |init: &str, code: &str, rest: &str| {
        let text = format!("RISCV t\n{{ {init} }}\n P0 ;\n {code} ;\n{rest}\n");
        let error = parse(&text).expect_err(&text);
        assert_eq!(error.problem(), Problem::Unsupported, "{error}\n{text}");
        assert_eq!(error.0.len(), 1, "{error}\n{text}");
        error.to_string()
    };
    for (init, word) in [
        ("0:x5=instr:\"nop\";", "`instr` is an instruction as a value"),
        ("x=NOP;", "`NOP` is an instruction as a value"),
        ("TTD(x)=(oa:PA(y));", "`TTD` is a page-table entry"),
        ("[PTE(x)]=(oa:PA(x), valid:0);", "`PTE` is a page-table entry"),
        ("x=(oa:PA(y));", "a page-table entry"),
        ("0:x5=PTE(x);", "`PTE` is a page-table entry"),
        ("pteval_t 0:x5;", "`pteval_t` is a page-table entry"),
        ("__int128 x;", "`__int128` is a type of 128 bits"),
        ("0:%r=1;", "`%r` is a symbolic register"),
        ("%r=1;", "`%r` is a symbolic register"),
    ] {
        assert!(of(init, "nop", "exists true").starts_with(word), "{init}");
    }
    for (rest, word) in [
        ("exists fault(P0:L,x)", "`fault` is a fault"),
        ("locations [x; fault(P0,x);]\nexists true", "`fault` is a fault"),
        ("exists 0:x5=instr:\"nop\"", "`instr` is an instruction as a value"),
        ("exists [PTE(x)]=(oa:PA(y))", "`PTE` is a page-table entry"),
    ] {
        assert!(of("", "L: nop", rest).starts_with(word), "{rest}");
    }
    for code in [
        "sfence.vma",
        "sfence.vma x0,x0",
        "vle32.v v1,(a0)",
        "vsetvli t0,a0,e32,m1",
        "vadd.vv v1,v2,v3",
        "cbo.clean (a0)",
        "cbo.zero (a0)",
        "c.mop.1",
        "mop.r.0 a0,a1",
        "rdcycleh a0",
        "rdtime a0",
        "csrr a0,cycle",
        "fld fa0,(a0)",
        "wfi",
        ".word 5",
        "lw a0,%got_pcrel_hi(x)(a1)",
        "hfence.gvma",
        "vamoswapei32.v x0,(a0),v1",
        "vfadd.vv v1,v2,v3",
        "vmv.v.i v1,0",
        "vluxei32.v v1,(a0),v2",
        "vs1r.v v1,(a0)",
        "vl1re8.v v1,(a0)",
        "vid.v v1",
        "lw %r,(a0)",
        "vmand.mm v1,v2,v3",
        "vcpop.m a0,v1",
    ] {
        of("", code, "exists true");
    }
}

#[test]
fn words_of_linux_and_c_have_a_hint() {
    let of = |code: &str| {
        let text = format!("RISCV t\n{{ }}\n P0 ;\n {code} ;\nexists true\n");
        let error = parse(&text).expect_err(&text);
        assert_eq!(error.0.len(), 1, "{error}");
        error.to_string()
    };
    assert_eq!(of("smp_mb()"), "unknown instruction `smp_mb` (did you mean `fence rw,rw`?)");
    assert_eq!(of("smp_rmb"), "unknown instruction `smp_rmb` (did you mean `fence r,r`?)");
    let comment = "`/*` begins no comment here (comments are `(* ... *)`, `// ...` or `# ...`)";
    assert_eq!(of("/* wait | here */ nop"), comment);
    assert_eq!(
        of("lw x5,%hi(x)(x6)"),
        "`%hi` is no immediate of `lw` (`%hi` is the immediate of `lui`)"
    );
    assert_eq!(of("lui x5,%hj(x)"), "`%hj` is no number (did you mean `%hi`?)");
    assert_eq!(
        of("1: j 1"),
        "`1` is no label (`1b` is the last label `1:` above, `1f` the next below)"
    );
    assert_eq!(
        of("1: j 1f"),
        "label `1f` is not defined in P0 (it is the nearest label `1:` below the jump, and there is none)"
    );
}

/// A file of another kind is one line.
#[test]
fn other_files_are_called_what_they_are() {
    for (text, kind) in [
        (
            "arch = \"RISC-V\"\nname = \"MP\"\nsymbolic = [\"x\"]\n[thread.0]\ninit = { x5 = \"x\" }\n",
            "a TOML file, as isla's tests are",
        ),
        ("[thread.0]\ncode = \"\"\"\n\"\"\"\n", "a TOML file"),
        ("\"RISC-V\"\ninclude \"cos.cat\"\nlet ppo = po\nacyclic ppo as model\n", "a model in cat"),
        ("(* a model *)\ninclude \"cos.cat\"\nlet ppo = po & {}\n", "a model in cat"),
        ("{\"schema\":\"rvlitmus/result/2\"}\n", "a JSON file"),
        ("#include <stdatomic.h>\nint main() { return 0; }\n", "a file in C"),
        ("#!/bin/sh\necho one\necho { two\n", "a script"),
        ("\t.file\t\"t.c\"\n\t.text\nf:\n\tret\n", "a file in assembly"),
        ("Test MP Allowed\nStates 1\n1:x5=0;\nOk\n", "a log of herd7 or litmus7"),
        ("# all\nHAND/MP.litmus\nHAND/SB.litmus\n", "a list of tests"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.0.len(), 1, "{error}");
        let expected = format!("this is {kind}, not a litmus test");
        assert_eq!(error.0[0].message, expected, "{text}");
    }
    for other in ["C", "PTX", "AArch64", "VULKAN"] {
        let text =
            format!("{other} MP\n{{ int x = 0; }}\nP0 (int *x) {{ *x = 1; }}\nexists (x=1)\n");
        let error = parse(&text).expect_err(other);
        assert_eq!(error.0.len(), 1, "{error}");
        assert_eq!(error.0[0].message, format!("this is a test for {other}"));
    }
}

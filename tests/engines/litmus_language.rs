//! What each construct of the language means, construct by construct.

use rvlitmus_core::arch::riscv::{FenceSet, Instr, Order, Reg};
use rvlitmus_core::litmus::{
    CType, Connective, HartId, InitEntry, Integer, Language, Part, Place, Proposition, Quantifier,
    Relation, Term, Test, Value, parse, parse_proposition,
};

fn read(text: &str) -> Test {
    parse(text).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"))
}

/// A test with these declarations.
fn init(declarations: &str) -> Vec<InitEntry> {
    let test = read(&format!("RISCV t\n{{{declarations}}}\n P0 | P1 ;\n L: nop | ;\n"));
    test.init.into_iter().map(|entry| entry.value).collect()
}

/// A test with this one instruction.
fn instr(text: &str) -> Instr {
    let test = read(&format!("RISCV t\n{{}}\n P0 ;\n L: {text} ;\n"));
    let instr = test.harts[0].cells[0].instr.as_ref().expect("an instruction");
    instr.value.riscv().expect("of RISC-V").clone()
}

/// A test with this condition.
fn condition(text: &str) -> Test {
    read(&format!("RISCV t\n{{ int a[2]; }}\n P0 | P1 ;\n L: nop | nop ;\n{text}"))
}

fn proposition(text: &str) -> Proposition {
    condition(&format!("exists {text}")).condition.expect("a condition").proposition
}

fn mistake(text: &str) -> String {
    let mistakes = parse(text).expect_err("a mistake");
    assert_eq!(mistakes.0.len(), 1, "{mistakes}");
    mistakes.to_string()
}

fn place(symbol: &str) -> Place {
    Place::Memory { symbol: symbol.into(), index: None }
}

fn number(value: u64) -> Value {
    Value::Integer(Integer(value))
}

fn address(symbol: &str, index: Option<u64>, offset: i64) -> Value {
    Value::Address { symbol: symbol.into(), index, offset }
}

#[test]
fn header() {
    let test = read(
        "\u{feff}(* first *)\r\nRISCV MP+x.y-[z] (* name *)\r\n\"two\r\nlines\"\r\n\
         Orig= a = b //c \r\n// comment\r\nHash=12\r\nOrig=second\r\n{}\r\n P0 ;\r\n nop ;\r\n",
    );
    assert_eq!(test.name, "MP+x.y-[z]");
    assert_eq!(test.description.as_deref(), Some("two\r\nlines"));
    let lines = [("Orig", "a = b //c"), ("Hash", "12"), ("Orig", "second")];
    assert!(test.metadata.iter().eq(lines), "{:?}", test.metadata);
    assert_eq!(test.metadata("Orig"), Some("a = b //c"));
    assert_eq!(test.condition, None);
}

#[test]
fn declarations() {
    let one = |text| init(text).remove(0);
    let entry = |ctype, place, value| InitEntry { ctype, place, array: None, value };
    assert_eq!(one("x=1"), entry(None, place("x"), Some(number(1))));
    assert_eq!(one("[x]=-1;"), entry(None, place("x"), Some(number(u64::MAX))));
    assert_eq!(one("x"), entry(None, place("x"), None));
    assert_eq!(one("x=&y;"), entry(None, place("x"), Some(address("y", None, 0))));
    assert_eq!(one("x=y+0x10"), entry(None, place("x"), Some(address("y", None, 16))));
    assert_eq!(
        one("int *p = x - 4;"),
        entry(Some(CType::Uint64), place("p"), Some(address("x", None, -4)))
    );
    let register = |hart, number| Place::Register(HartId(hart), Reg::new(number).into());
    assert_eq!(one("1:fp=0x7F;"), entry(None, register(1, 8), Some(number(127))));
    assert_eq!(one("uint16_t 0:t6;"), entry(Some(CType::Uint16), register(0, 31), None));
    let code = Value::Code { hart: HartId(0), label: "L".into() };
    assert_eq!(one("1:x9=P0:L;"), entry(None, register(1, 9), Some(code)));
    assert_eq!(init(" ; ;x=1;;y=2 ").len(), 2);
    assert_eq!(init("x=1; x=1; int x; 0:x5=2; 0:t0=0x2").len(), 5, "twice the same");
}

#[test]
fn arrays() {
    let entry = |ctype, length, values: Option<&[u64]>| InitEntry {
        ctype,
        place: place("a"),
        array: Some(length),
        value: values.map(|v| Value::Array(v.iter().copied().map(number).collect())),
    };
    assert_eq!(init("int a[3]={1,2,3}"), [entry(Some(CType::Int32), 3, Some(&[1, 2, 3]))]);
    assert_eq!(init("uint8_t a[3]={ 255 };"), [entry(Some(CType::Uint8), 3, Some(&[255]))]);
    assert_eq!(init("long a[2]"), [entry(Some(CType::Int64), 2, None)]);
    assert_eq!(init("int a[]={7,8};"), [entry(Some(CType::Int32), 2, Some(&[7, 8]))]);
    let element = InitEntry {
        ctype: None,
        place: Place::Memory { symbol: "a".into(), index: Some(1) },
        array: None,
        value: Some(number(5)),
    };
    assert_eq!(init("int a[2]; a[1]=5")[1], element);
    assert_eq!(init("int a[2]; x=&a[1]")[1].value, Some(address("a", Some(1), 0)));
}

#[test]
fn types() {
    use CType::{Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64};
    let types = [
        ("char", Int8),
        ("signed char", Int8),
        ("unsigned char", Uint8),
        ("short", Int16),
        ("short int", Int16),
        ("unsigned short int", Uint16),
        ("int", Int32),
        ("signed", Int32),
        ("unsigned", Uint32),
        ("unsigned int", Uint32),
        ("long", Int64),
        ("long long int", Int64),
        ("unsigned long", Uint64),
        ("long unsigned int", Uint64),
        ("int8_t", Int8),
        ("uint8_t", Uint8),
        ("int16_t", Int16),
        ("uint16_t", Uint16),
        ("int32_t", Int32),
        ("uint32_t", Uint32),
        ("int64_t", Int64),
        ("uint64_t", Uint64),
        ("intptr_t", Int64),
        ("uintptr_t", Uint64),
        ("size_t", Uint64),
        ("ptrdiff_t", Int64),
        ("volatile int", Int32),
        ("const uint8_t", Uint8),
        ("char *", Uint64),
        ("int **", Uint64),
    ];
    for (name, ctype) in types {
        assert_eq!(init(&format!("{name} x;"))[0].ctype, Some(ctype), "{name}");
    }
}

#[test]
fn code() {
    let test = read(
        "RISCV t\n{}\n P0  |P1| P2 (* a *) ;\nA: B:nop| (* | ; *) |ret;\n | C: |;\n\
         D:|nop // | ; of the comment\n |;\nexists true",
    );
    let labels = |hart: usize, cell: usize| -> Vec<&str> {
        test.harts[hart].cells[cell].labels.iter().map(|label| &*label.value).collect()
    };
    let lengths: Vec<_> = test.harts.iter().map(|hart| hart.cells.len()).collect();
    assert_eq!(lengths, [2, 2, 1], "empty cells are dropped");
    assert_eq!(labels(0, 0), ["A", "B"]);
    assert!(test.harts[0].cells[0].instr.is_some());
    assert_eq!(labels(0, 1), ["D"]);
    assert!(test.harts[0].cells[1].instr.is_none());
    assert_eq!(labels(1, 0), ["C"]);
}

#[test]
fn operands() {
    let lw = instr("lw t0,-0x8(sp)");
    assert_eq!((lw.operands.rd, lw.operands.rs1, lw.operands.imm), (Reg::new(5), Reg::new(2), -8));
    assert_eq!(instr("lw x5,(x6)"), instr("lw x5 , 0 ( x6 )"));
    assert_eq!(instr("amoswap.w.aq.rl x5,x6,(x7)"), instr("amoswap.w.aqrl x5,x6,0(x7)"));
    assert_eq!(instr("amoswap.w.aq.rl x5,x6,(x7)").order, Order::AqRl);
    let sc = instr("sc.d.rl x5,x6,(x7)");
    assert_eq!(
        (sc.operands.rd, sc.operands.rs2, sc.operands.rs1),
        (Reg::new(5), Reg::new(6), Reg::new(7))
    );
    assert_eq!(instr("li x5,0xffffffffffffffff").operands.imm, -1);
    assert_eq!(instr("la x5,x").operands.target.as_deref(), Some("x"));
    let bgt = instr("bgt x5,x6,L");
    assert_eq!((bgt.operands.rs2, bgt.operands.rs1), (Reg::new(5), Reg::new(6)), "swapped");
}

#[test]
fn what_is_not_written() {
    assert_eq!(instr("ret").operands.rs1, Reg::RA);
    assert_eq!(instr("jal L"), instr("jal ra,L"));
    assert_eq!(instr("jalr x5"), instr("jalr ra,x5,0"));
    assert_eq!(instr("jalr x1,8(x5)"), instr("jalr x1,x5,8"));
    assert_eq!(instr("jalr x1,x5"), instr("jalr x1,x5,0"));
    assert_eq!(instr("jr x5").operands.rs1, Reg::new(5));
    let fence = instr("fence");
    assert_eq!((fence.operands.pred, fence.operands.succ), (FenceSet::IORW, FenceSet::IORW));
}

#[test]
fn every_fence_set() {
    for bits in 1..16_u8 {
        let letters = "iorw".char_indices().filter(|(bit, _)| bits >> bit & 1 == 1);
        let set: String = letters.map(|(_, letter)| letter).collect();
        let fence = instr(&format!("fence {set},{set}"));
        assert_eq!(fence.operands.pred.to_string(), set);
        assert_eq!(fence.operands.pred, fence.operands.succ);
    }
}

#[test]
fn quantifiers_and_sections() {
    let quantifier = |text| condition(text).condition.expect("a condition").quantifier;
    assert_eq!(quantifier("exists (x=1)"), Quantifier::Exists);
    assert_eq!(quantifier("~exists x=1"), Quantifier::NotExists);
    assert_eq!(quantifier("~ exists(x=1)"), Quantifier::NotExists);
    assert_eq!(quantifier("not exists x=1"), Quantifier::NotExists);
    assert_eq!(quantifier("forall x=1"), Quantifier::Forall);
    let test = condition("locations [x; 1:a0; uint8_t y; a[1]; [z]]\nfilter true\nforall false");
    let shown: Vec<_> = test.locations.iter().map(|place| place.value.to_string()).collect();
    assert_eq!(shown, ["x", "1:x10", "uint8_t y", "a[1]", "z"]);
    assert_eq!(test.filter, Some(Proposition::constant(true)));
}

#[test]
fn connectives() {
    let shown = |text| proposition(text).to_string();
    assert_eq!(shown("x=1 /\\ y=2 \\/ z=3 => w=4"), "x=1 /\\ y=2 \\/ z=3 => w=4");
    assert_eq!(shown("(x=1 => y=2) => z=3"), "(x=1 => y=2) => z=3");
    assert_eq!(shown("x=1 => (y=2 => z=3)"), "x=1 => y=2 => z=3");
    assert_eq!(shown("x=1 /\\ (y=2 \\/ z=3)"), "x=1 /\\ (y=2 \\/ z=3)");
    assert_eq!(shown("~x=1 /\\ not (y=2)"), "not x=1 /\\ not y=2");
    assert_eq!(shown("not not x=1"), "not not x=1");
    let or = proposition("x=1 \\/ y=1 /\\ z=1 \\/ true");
    let Part::Join(Connective::Or, parts) = or.whole() else { panic!("a disjunction of three") };
    let parts: Vec<_> = parts.collect();
    let [Part::Comparison(_), Part::Join(Connective::And, both), Part::Constant(true)] = &parts[..]
    else {
        panic!("{parts:?}")
    };
    assert_eq!(both.clone().count(), 2);
}

#[test]
fn terms_are_listed_once_as_they_are_spelled() {
    let text = "x=1 /\\ 1:x5=1 \\/ [x]=0 /\\ 1:t0 =1 \\/ x = 0:x5 \\/ [x]=x \\/ 1:x5=0";
    let test = condition(&format!("exists {text}"));
    let text = test.to_string();
    let spelled = ["x", "1", "1:x5", "x", "0", "1:x5", "0:x5", "&x"];
    let condition = test.condition.expect("a condition");
    let terms = condition.proposition.terms();
    let shown = terms.iter().map(|term| match &term.value {
        Term::Place(Place::Memory { symbol, .. }) => symbol.to_string(),
        Term::Place(register) => register.to_string(),
        Term::Value(value @ Value::Address { .. }) => format!("&{value}"),
        Term::Value(value) => value.to_string(),
    });
    assert_eq!(shown.collect::<Vec<_>>(), spelled, "{text}");
}

/// Terms are known by their spelling: by all of it, and on each side for itself.
#[test]
fn terms_that_begin_alike_are_told_apart() {
    let read = |text: &str| {
        parse_proposition(text, Language::Riscv).unwrap_or_else(|e| panic!("{e}\n{text}"))
    };
    for (first, others) in [
        ("x=1", &["x[0]=1", "x [0]=1", "x=1:x5", "x=1 : x5", "x!=1", "x <> 1"][..]),
        ("x=y", &["x=y+4", "x=y (* more *) -4", "x=y[0]", "y=x", "x=P0:y"]),
        ("1=x", &["1:x5=x", "x=1"]),
    ] {
        for second in others {
            let both = read(&format!("{first} /\\ {second} // the end"));
            let alone = Proposition::join(Connective::And, vec![read(first), read(second)]);
            assert_eq!(both, alone, "{first}, {second}");
        }
    }
}

#[test]
fn comparisons() {
    let sides = |text| {
        let all = proposition(text);
        let Part::Comparison(comparison) = all.whole() else { panic!("{all}") };
        let [left, right] = [comparison.left, comparison.right].map(|id| all.term(id).clone());
        (left, comparison.relation, right)
    };
    let register = Term::Place(Place::Register(HartId(1), Reg::new(5).into()));
    let memory = Term::Place(place("x"));
    for (text, comparison) in [
        ("1:x5=x", Relation::Equal),
        ("1:t0 == &x", Relation::Equal),
        ("1:x5!=x", Relation::NotEqual),
        ("1:x5<>x", Relation::NotEqual),
    ] {
        let address = Term::Value(address("x", None, 0));
        assert_eq!(sides(text), (register.clone(), comparison, address), "{text}");
    }
    for text in ["x=1:x5", "[x]=1:x5"] {
        assert_eq!(sides(text), (memory.clone(), Relation::Equal, register.clone()));
    }
    assert_eq!(sides("1:x5=[x]"), (register.clone(), Relation::Equal, memory.clone()));
    let one = Term::Value(number(1));
    assert_eq!(sides("1=[x]"), (one, Relation::Equal, memory));
    let element = Place::Memory { symbol: "a".into(), index: Some(1) };
    assert_eq!(sides("1:x5=[a[1]]").2, Term::Place(element.clone()));
    assert_eq!(sides("1:x5=a[1]").2, Term::Value(address("a", Some(1), 0)));
    assert_eq!(sides("a[1]=2").0, Term::Place(element));
    assert_eq!(sides("1:x5=&a[1]").2, Term::Value(address("a", Some(1), 0)));
    let code = Value::Code { hart: HartId(0), label: "L".into() };
    assert_eq!(sides("1:x5=P0:L").2, Term::Value(code));
}

#[test]
fn arrays_are_compared_as_arrays() {
    let text = |condition: &str| {
        format!("RISCV t\n{{ int a[2]; int x; }}\n P0 ;\n nop ;\nexists ({condition})\n")
    };
    assert_eq!(
        read(&text("a={1,-2}")).condition.map(|c| c.proposition.to_string()).as_deref(),
        Some("a={1,-2}")
    );
    for (condition, message) in [
        ("a=1", "`a` is an array (compare an element, `a[0]`, or all: `a={...}`)"),
        ("0:x5=[a]", "`a` is an array (compare an element, `a[0]`, or all: `a={...}`)"),
        ("a={1}", "`a` has 2 elements, the list 1"),
        ("x={1,2}", "a list of values is compared with no array"),
        ("a[2]=0", "`a[2]` does not exist (`a` has the elements 0 to 1)"),
        ("x[1]=0", "`x[1]` does not exist (`x` is not declared as an array)"),
    ] {
        assert_eq!(mistake(&text(condition)), message);
    }
}

#[test]
fn a_comment_that_is_never_closed_is_one_mistake_wherever_it_opens() {
    let text = "RISCV t\n\"d\"\nK=v\n{ x=1; int a[2]={1,2}; 0:x5=x; }\n P0 | P1 ;\n \
                L: lw x5,0(x6) | j M ;\n nop | M: ;\nlocations [x; 0:x5;]\nfilter (x=1)\n\
                exists (x=1 /\\ 0:x5=1)\n";
    assert!(parse(text).is_ok());
    let header_ends = text.find('{').unwrap_or(0);
    let mut places = 0;
    for (at, before) in text.match_indices([' ', '\n', ';', ',']) {
        let place = at + before.len();
        // What stands before the brace is metadata, quoted, or no matter.
        if place <= header_ends {
            continue;
        }
        let broken = format!("{}(* {}", &text[..place], &text[place..]);
        let message = mistake(&broken);
        assert_eq!(message, "this comment is never closed (add `*)`)", "{broken}");
        places += 1;
    }
    assert!(places > 30);
}

#[test]
fn a_missing_column_is_one_mistake() {
    let text = "RISCV t\n{ 0:x5=x; 1:x5=y; }\n P0 ;\n nop | j L ;\n nop | L: ;\nexists (1:x6=1)\n";
    let message =
        "1 hart is named, but every row has 2 cells (every row has one cell for each hart)";
    assert_eq!(mistake(text), message);
}

#[test]
fn a_missing_brace_is_one_mistake() {
    let text =
        "RISCV t\n{\n0:x5=x; 1:x5=y;\n}\n P0 | P1 ;\n nop | j L ;\n nop | L: ;\nexists (1:x6=1)\n";
    assert!(parse(text).is_ok());
    for (from, to, message) in [
        ("{\n", "", "expected `{` before the declarations, found `0`"),
        ("{\n", "[\n", "expected `{` before the declarations, found `0`"),
        ("}\n", "", "expected `}` before the code (the init section ends with `}`)"),
        ("}\n P0", "", "expected `}` before the code, found `|`"),
        ("}\n P0", "} X\n P0", "expected a hart such as `P0`, found `X`"),
        ("P0 |", "P0 ", "expected `|` or `;`, found `P1`"),
        ("P0 | P1 ;", "P0 | P1 ;\n P0 | P1 ;", "a second line of harts"),
    ] {
        assert_eq!(mistake(&text.replacen(from, to, 1)), message, "{from} by {to}");
    }
}

#[test]
fn other_architectures_are_unsupported_and_other_files_are_one_mistake() {
    let text = "AArch64 MP\n{}\n P0 ;\n LDR X0,[X1] ;\nexists (0:X0=1)\n";
    assert_eq!(
        mistake(text),
        "this is a test for AArch64 (only herd's tests for `RISCV`, `X86` and `X86_64` can be run)"
    );
    assert_eq!(mistake(""), "expected `RISCV` and the test's name, found the end of the file");
}

#[test]
fn a_register_without_its_hart_is_a_mistake_unless_a_location_is_called_so() {
    let text = |init: &str| format!("RISCV t\n{{{init}}}\n P0 ;\n nop ;\nexists (x5=1)\n");
    let message = "no location is called `x5` (a register is written with its hart: `0:x5`)";
    assert_eq!(mistake(&text("")), message);
    for init in ["int x5;", "x5=1;", "0:x6=x5;", "int *p[1]={&x5};"] {
        assert!(parse(&text(init)).is_ok(), "{init}");
    }
}

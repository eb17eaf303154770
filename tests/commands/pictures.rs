//! `rvlitmus explain --svg`: what is wrong is drawn and named, and every text can be read.

use std::fs;

use crate::support::binary::rvlitmus;
use rayon::prelude::*;

/// The pictures of a test, one below the other, as SVG.
fn svg(test: &str, arguments: &[&str]) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("drawn.svg");
    let mut program = rvlitmus();
    program.args(["explain", "-", "--svg"]).arg(&path).args(arguments);
    // 2: a loop was cut, so that not all is decided; what is drawn is right all the same.
    let code = program.write_stdin(test).output().expect("it runs").status.code();
    assert!(matches!(code, Some(0 | 2)), "{code:?}");
    fs::read_to_string(path).expect("a picture")
}

const RED: &str = "#cf222e";

/// The texts that are red.
fn red_texts(svg: &str) -> Vec<&str> {
    let texts = svg.lines().filter(|line| line.starts_with("<text") && line.contains(RED));
    texts.filter_map(|line| line.split_once('>')?.1.split_once('<').map(|(text, _)| text)).collect()
}

fn red_paths(svg: &str) -> usize {
    svg.lines().filter(|line| line.starts_with("<path") && line.contains(RED)).count()
}

#[test]
fn a_load_that_misses_its_own_hart_s_store_is_red() {
    let test = "RISCV lv\n{ 0:x10=x; 1:x10=x; }\n P0 | P1 ;\n li x5,1 | li x5,2 ;\n \
        sw x5,0(x10) | sw x5,0(x10) ;\n lw x6,0(x10) | ;\nexists (0:x6=0)\n";
    let drawn = svg(test, &["--model", "rvwmo"]);
    assert_eq!(red_texts(&drawn), ["load-value:", "reads the initial value"]);
    assert_eq!(red_paths(&drawn), 1, "from the store to the load");
}

#[test]
fn an_sc_that_fails_unforced_has_a_red_box() {
    let test = "RISCV at\n{ 0:x10=x; }\n P0 ;\n li x5,1 ;\n lr.w x6,(x10) ;\n \
        sc.w x7,x5,(x10) ;\n sw x5,4(x10) ;\nexists (0:x7=1)\n";
    let drawn = svg(test, &["--model", "rvwmo", "--sc-failure", "only-when-forced"]);
    assert!(drawn.contains(">6 sc.w x7,x5,(x10)</text>"), "{drawn}");
    let said = ["fails: sc-failure", "sc-failure:", "no store in between"];
    assert_eq!(red_texts(&drawn), said);
    assert_eq!(red_paths(&drawn), 1, "from the LR to the SC");
}

#[test]
fn an_sc_that_succeeds_without_an_lr_has_a_red_box() {
    let test = "RISCV sc\n{ 0:x10=x; }\n P0 ;\n li x5,1 ;\n sc.w x7,x5,(x10) ;\n\
        exists (0:x7=0)\n";
    let drawn = svg(test, &["--model", "rvwmo"]);
    assert_eq!(red_texts(&drawn), ["not paired, succeeds: sc-failure"]);
}

/// A store that follows what it is seen to read: both are said where one arrow shows both.
#[test]
fn an_amo_that_reads_the_store_before_it_has_rf_and_co() {
    let test = fs::read_to_string("litmus/2+2w/2+2W+amo+amo.litmus").expect("a test");
    let drawn = svg(&test, &["--model", "rvwmo"]);
    assert_eq!(drawn.matches(">rf, co</text>").count(), 2, "{drawn}");
}

/// Left, top, right and bottom of a rectangle.
type Sides = [f64; 4];

/// The rectangles with corners of that radius, by picture.
fn rectangles(svg: &str, radius: &str) -> Vec<Vec<Sides>> {
    let side = |line: &str, name: &str| -> f64 {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).expect("an attribute");
        rest.split_once('"').expect("its end").0.parse().expect("a number")
    };
    let sides = |line: &str| {
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| side(line, name));
        [x, y, x + width, y + height]
    };
    let pictures = svg.split("<g ").skip(1);
    pictures
        .map(|picture| {
            let lines = picture.lines().filter(|line| line.starts_with("<rect x="));
            lines.filter(|l| l.contains(&format!("rx=\"{radius}\""))).map(sides).collect()
        })
        .collect()
}

fn overlap(a: &Sides, b: &Sides) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/// What is wrong with the places of labels, which have corners of radius 3; boxes have 6.
fn covered(svg: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (labels, boxes) in rectangles(svg, "3").iter().zip(&rectangles(svg, "6")) {
        for (index, label) in labels.iter().enumerate() {
            if boxes.iter().any(|solid| overlap(label, solid)) {
                wrong.push(format!("a label covers a box: {label:?}"));
            }
            if labels[..index].iter().any(|other| overlap(label, other)) {
                wrong.push(format!("a label covers a label: {label:?}"));
            }
        }
    }
    wrong
}

#[test]
fn no_label_covers_a_box_or_another_label() {
    let mut folders: Vec<_> = fs::read_dir("litmus").expect("the tests").flatten().collect();
    folders.sort_by_key(fs::DirEntry::file_name);
    let files = folders.iter().filter_map(|f| fs::read_dir(f.path()).ok()).flatten().flatten();
    let mut files: Vec<_> = files.map(|file| file.path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "litmus"));
    files.sort();
    let wrong: Vec<String> = files
        .par_iter()
        .flat_map_iter(|path| {
            let test = fs::read_to_string(path).expect("a test");
            let wrong = covered(&svg(&test, &["--model", "rvwmo,ztso,sc"]));
            wrong.into_iter().map(move |wrong| format!("{}: {wrong}", path.display()))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert!(files.len() > 100, "{} tests", files.len());
}

#[test]
fn what_has_no_execution_is_said_in_words() {
    let mp = fs::read_to_string("litmus/mp/MP.litmus").expect("a test");
    let drawn = svg(&mp, &["--state", "1:x6=7; 1:x7=0", "--model", "ztso"]);
    let title = "MP: 1:x6=7; 1:x7=0 is impossible, whatever loads return</text>";
    assert!(drawn.contains(title), "{drawn}");
    assert!(drawn.contains(">1:x6, 1:x7 can only be: 1:x6=0 1:x7=0; "), "{drawn}");
    let single = fs::read_to_string("litmus/zacas/cas-quadword-is-single.litmus").expect("a test");
    let drawn = svg(&single, &[]);
    let said = ">Whatever loads return, the code ends in no such state.</text>";
    assert!(drawn.contains(said), "{drawn}");
}

//! The format `html`: opened, filtered, sorted, a state opened; and names and texts of others in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::chromium::{Page, page};
use crate::support::binary::{folder, run};
use crate::support::corpus::shared;
use serde_json::{Value, json};

/// The report of some tests in a folder that is there as long as the report is.
fn report(dir: &Path, arguments: &[&str]) -> PathBuf {
    let path = dir.join("report.html");
    let output = path.to_str().expect("UTF-8");
    let ran = run(dir, &[&["run", "-f", "html", "-o", output], arguments].concat());
    assert!(matches!(ran.code, 0 | 2), "{}", ran.err);
    path
}

fn rows(page: &mut Page) -> Vec<String> {
    let names = "[...document.querySelectorAll('.tests tbody th a')].map((a) => a.textContent)";
    let names = page.value(names);
    let names = names.as_array().expect("a list").iter();
    names.map(|name| name.as_str().expect("text").to_owned()).collect()
}

#[test]
fn the_report_of_all_tests_is_opened_filtered_sorted_and_a_state_looked_at() {
    let Some(mut page) = page() else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let litmus = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    let file = report(dir.path(), &[litmus.to_str().expect("UTF-8")]);
    page.open_file(&file, "");
    page.until("document.querySelector('.tests tbody tr')");
    let count = page.text("#count");
    assert!(count.ends_with(" tests") && !count.contains("of"), "{count}");
    // By name, typed, and by verdict.
    page.focus("#filter [name=q]");
    page.type_text("mp/*");
    assert!(page.text("#count").contains(" of "));
    let all = rows(&mut page);
    let choose = "(() => { const s = document.querySelector('[name=\"m.rvwmo\"]'); s.value = 'Sometimes'; \
                  s.dispatchEvent(new Event('change')); })()";
    page.value(choose);
    let some = rows(&mut page);
    assert!(some.len() < all.len() && some.contains(&"MP".to_owned()), "{some:?}");
    // Sorted by a click, and once more the other way.
    let head = ".tests th[data-key=name]";
    for (order, way) in [("ascending", 1), ("descending", -1)] {
        page.click(&format!("{head} button"));
        assert_eq!(page.value(&format!("document.querySelector('{head}').ariaSort")), json!(order));
        let sorted = rows(&mut page);
        let right = |pair: &[String]| if way > 0 { pair[0] <= pair[1] } else { pair[0] >= pair[1] };
        assert!(sorted.windows(2).all(right), "{sorted:?}");
    }
    // By keyboard: the link of a test, its state, the picture on the other machine.
    page.value(
        "[...document.querySelectorAll('.tests a')].find((a) => a.textContent === 'MP').focus()",
    );
    page.press("Enter", 13);
    page.until("document.querySelector('article h2')?.textContent === 'MP'");
    let states = page.text(".states");
    assert!(states.contains("NO") && states.contains("forbidden by Ztso because "), "{states}");
    assert!(page.text(".text").contains("exists (1:x6=1 /\\ 1:x7=0)"));
    page.click(".states .satisfies button");
    page.until("document.querySelector('.picture svg text')");
    assert!(page.text(".picture svg").contains("is allowed under rvwmo"));
    page.click(".executions .controls button + button");
    assert!(page.text(".picture svg").contains("is forbidden under ztso"));
    assert!(page.text(".executions .order").contains("ztso-store-release"));
    // The address leads another window to the same.
    let fragment = page.value("location.hash");
    page.open_file(&file, fragment.as_str().expect("text"));
    page.until("document.querySelector('article h2')?.textContent === 'MP'");
    let again = rows(&mut page);
    assert_eq!(again.len(), some.len());
    assert_eq!(
        page.value(&format!("document.querySelector('{head}').ariaSort")),
        json!("descending")
    );
    assert_eq!(page.complaints(), [""; 0]);
}

/// How long a page takes on a machine that does something else besides; alone it is a third of a second.
const AT_ONCE: u128 = 5_000;

#[test]
fn the_report_of_a_large_corpus_is_not_too_long_and_opens_at_once() {
    let Some(corpus) = shared().map(|shared| shared.join("corpus/riscv")) else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let file = report(dir.path(), &[corpus.to_str().expect("UTF-8")]);
    let length = fs::metadata(&file).expect("a page").len();
    assert!(length < 15 << 20, "{length}");
    let Some(mut page) = page() else { return };
    let begun = Instant::now();
    page.open_file(&file, "");
    page.until("document.querySelector('.tests tbody tr')");
    let opened = begun.elapsed().as_millis();
    page.focus("#filter [name=q]");
    page.type_text("MP*");
    let filtered = page.value("document.documentElement.dataset.milliseconds");
    let filtered: u128 = filtered.as_str().expect("text").parse().expect("a number");
    eprintln!("{length} bytes, opened in {opened} ms, filtered in {filtered} ms");
    assert!(opened < AT_ONCE && filtered < AT_ONCE, "{opened} {filtered}");
    assert!(page.text("#count").contains(" of 6475 tests"), "{}", page.text("#count"));
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn a_page_of_results_without_texts_says_so() {
    let Some(mut page) = page() else { return };
    let text = "RISCV t\n{ 0:x6=x; }\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n";
    let dir = folder(&[("t/a.litmus", text)]);
    run(dir.path(), &["run", "t", "-f", "jsonl", "-o", "r.jsonl"]);
    let ran = run(dir.path(), &["report", "r.jsonl", "-f", "html", "-o", "r.html"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    page.open_file(&dir.path().join("r.html"), "#test=a.litmus");
    page.until("document.querySelector('article .note')?.textContent.includes('run --details')");
    assert!(page.text(".states").contains("yes"));
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn tests_of_one_path_are_told_apart_and_one_that_is_not_there_is_said() {
    let Some(mut page) = page() else { return };
    let text = |name: &str| {
        format!("RISCV {name}\n{{ 0:x6=x; }}\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\nexists (x=1)\n")
    };
    let dir = folder(&[("a/t.litmus", &text("aaab")), ("b/t.litmus", &text("second"))]);
    for name in ["a", "b"] {
        run(dir.path(), &["run", name, "-f", "jsonl", "-o", &format!("{name}.jsonl")]);
    }
    let nameless = fs::read_to_string(dir.path().join("b.jsonl")).expect("a report");
    let nameless = nameless.replace("\"t.litmus\"", "\"\"").replace("second", "third");
    fs::write(dir.path().join("c.jsonl"), nameless).expect("a report");
    let ran =
        run(dir.path(), &["report", "a.jsonl", "b.jsonl", "c.jsonl", "-f", "html", "-o", "r.html"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    page.open_file(&dir.path().join("r.html"), "");
    page.until("document.querySelectorAll('.tests tbody tr').length === 3");
    for (index, name) in ["aaab", "second", "third"].iter().enumerate() {
        page.click(&format!(".tests tbody tr:nth-child({}) a", index + 1));
        page.until(&format!("document.querySelector('article h2')?.textContent === {name:?}"));
        assert_eq!(page.text(".tests .open a"), *name);
    }
    // All rows are there: nothing offers more.
    assert_eq!(
        page.value("document.querySelector('#table > .controls').offsetParent"),
        json!(null)
    );
    page.open_file(&dir.path().join("r.html"), "#test=nonesuch");
    page.until(
        "document.querySelector('#test .error')?.textContent.includes('There is no test nonesuch')",
    );
    // Many stars take no longer than one.
    for (pattern, found) in
        [("*****************************a*b", 1), ("a*ab", 1), ("aa*aaab", 0), ("*", 3)]
    {
        page.open_file(&dir.path().join("r.html"), &format!("#q={pattern}"));
        page.until("document.querySelector('#count')?.textContent");
        assert_eq!(rows(&mut page).len(), found, "{pattern}");
    }
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn an_execution_of_too_many_arrows_is_not_drawn_and_the_page_says_so() {
    let Some(mut page) = page() else { return };
    let text = "RISCV t\n{ 0:x6=x; }\n P0 | P1 ;\n li x5,1 | li x5,2 ;\n sw x5,0(x6) | sw x5,0(x6) ;\nexists (x=1)\n";
    let text = text.replace("0:x6=x;", "0:x6=x; 1:x6=x;");
    let dir = folder(&[("t/a.litmus", &text)]);
    run(dir.path(), &["run", "t", "-f", "jsonl", "--details", "-o", "r.jsonl"]);
    let line = fs::read_to_string(dir.path().join("r.jsonl")).expect("a report");
    let mut line: Value = serde_json::from_str(&line).expect("JSON");
    for execution in line["details"]["executions"].as_array_mut().expect("executions") {
        let arrow = execution["arrows"][0].clone();
        execution["arrows"] = vec![arrow; 40_000].into();
    }
    fs::write(dir.path().join("r.jsonl"), line.to_string()).expect("a report");
    let ran = run(dir.path(), &["report", "r.jsonl", "-f", "html", "-o", "r.html"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    page.open_file(&dir.path().join("r.html"), "#test=a.litmus");
    page.click(".states .satisfies button");
    page.until("document.querySelector('.picture svg')?.textContent.includes('40000 arrows')");
}

#[test]
fn names_and_texts_of_others_are_text() {
    let Some(mut page) = page() else { return };
    let hostile =
        "<img src=x onerror=document.title='obeyed'><script>document.title='obeyed'</script>";
    let name = hostile.replace(' ', "\u{a0}");
    let text = format!(
        "RISCV {name}\n\"</script>{hostile}\"\nKey={hostile}\n{{ 0:x6=x; }}\n P0 ;\n li x5,1 ;\n sw x5,0(x6) ;\n\
         exists (x=1)\n"
    );
    let wrong = text.replace("sw x5", &format!("{hostile} x5"));
    let dir = folder(&[("t/a.litmus", &text), ("t/<b onclick=1>.litmus", &wrong)]);
    let file = report(dir.path(), &["t"]);
    let page_text = fs::read_to_string(&file).expect("a page");
    assert!(!page_text.contains("onerror"), "a test's text stands in the page as it is");
    page.open_file(&file, "");
    page.until("document.querySelectorAll('.tests tbody tr').length === 2");
    for index in 1..=2 {
        page.click(&format!(".tests tbody tr:nth-child({index}) a"));
        page.until("document.querySelector('article')");
        page.click(".close");
        page.until("!document.querySelector('article')");
    }
    assert_eq!(page.value("document.querySelectorAll('img').length"), json!(0));
    assert_eq!(page.value("document.title"), json!("rvlitmus report"));
    assert_eq!(page.complaints(), [""; 0]);
}

//! The page of `rvlitmus serve`: a test typed with a mistake, mended, run, a state looked at, a link opened anew;
//! and what strangers may type.

use std::thread::sleep;
use std::time::Duration;

use super::chromium::{Page, page};
use crate::support::server::Server;
use serde_json::json;

const WRONG: &str = "RISCV typed\n{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; }\n P0 | P1 ;\n \
    sw x5,0(x6) | lwx x8,0(x6) ;\n sw x5,0(x7) | lw x9,0(x7) ;\nexists (1:x8=1 /\\ 1:x9=0)\n";

/// Opens the page, and waits for the answer to the test that it begins with.
fn opened(server: &Server, page: &mut Page) {
    page.open(&format!("http://{}/", server.host));
    page.until("document.querySelector('#answer:not(.old) article')");
}

/// Types a whole test.
fn write(page: &mut Page, text: &str) {
    page.click("textarea");
    page.value("document.querySelector('textarea').select()");
    page.type_text(text);
}

#[test]
fn a_test_is_typed_with_a_mistake_mended_run_and_looked_at() {
    let Some(mut page) = page() else { return };
    let server = Server::start(&[]);
    opened(&server, &mut page);
    write(&mut page, WRONG);
    page.until("document.querySelector('#mistakes li')?.textContent.includes('lwx')");
    assert!(
        page.text("#mistakes li").starts_with("line 4, column "),
        "{}",
        page.text("#mistakes li")
    );
    assert_eq!(page.text(".editor .mistake"), "lwx");
    // Its button leads to its place, where the `x` is taken away.
    page.click("#mistakes button");
    page.value("(() => { const a = document.querySelector('textarea'); a.selectionStart += 2; a.selectionEnd = a.selectionStart + 1; })()");
    page.press("Delete", 46);
    page.until("!document.querySelector('#mistakes li') && document.querySelector('#answer:not(.old) .states')");
    assert!(page.text(".verdicts").contains("ztso Never"), "{}", page.text(".verdicts"));
    page.click(".states .satisfies button");
    page.until("document.querySelector('.picture svg text')");
    assert!(page.text(".executions .order li:first-child").starts_with("P"));
    // One step of the global memory order.
    page.value("[...document.querySelectorAll('.executions button')].find((b) => b.textContent === 'From the start').click()");
    assert_eq!(page.value("document.querySelectorAll('.order .later').length"), json!(4));
    page.value("[...document.querySelectorAll('.executions button')].find((b) => b.textContent === 'Next').click()");
    assert_eq!(page.value("document.querySelectorAll('.order .now').length"), json!(1));
    // A state that the condition does not ask for is asked for when it is clicked on.
    page.click(".states tbody tr:first-child button");
    page.until("document.querySelector('.executions h3 code')?.textContent === '1:x8=0; 1:x9=0'");
    // Harts that follow different models, and a third model.
    for switch in ["[name=model][value=sc]", "[name=hart][value='1']", "#vm"] {
        page.click(switch);
        page.until("document.querySelector('#answer:not(.old) article')");
    }
    page.until("document.querySelector('#answer:not(.old) .verdicts')?.textContent.includes('harts rvwmo, ztso')");
    assert!(page.text(".verdicts").contains("sc Never"));
    page.click("#advise");
    page.until("document.querySelector('#advice .way')");
    assert!(page.text("#advice").contains("To forbid the outcome, at cost "));
    // The link holds all of it.
    let link = page.value("location.href");
    page.open(link.as_str().expect("text"));
    page.until("document.querySelector('#answer:not(.old) .verdicts')?.textContent.includes('harts rvwmo, ztso')");
    assert_eq!(
        page.value("document.querySelector('textarea').value"),
        json!(WRONG.replace("lwx", "lw"))
    );
    assert!(page.text(".verdicts").contains("sc Never"));
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn a_link_asks_for_all_that_it_means_and_a_torn_one_for_nothing() {
    let Some(mut page) = page() else { return };
    let server = Server::start(&[]);
    opened(&server, &mut page);
    let plain = page.value("location.hash.replace(/&.*/, '')");
    for switch in ["[name=model][value=sc]", "[name=model][value=ztso]", "#rv32", "#vm"] {
        page.click(switch);
        page.until("document.querySelector('#answer:not(.old) article')");
    }
    page.until("/h=.*b=32/.test(location.hash)");
    // In the same window, a link that names the test alone.
    page.value(&format!("location.hash = {plain}"));
    page.until("/m=rvwmo%2Cztso$/.test(location.hash)");
    let on = "[...document.querySelectorAll('fieldset :checked')].map((input) => input.value)";
    assert_eq!(page.value(on), json!(["rvwmo", "ztso"]));
    for torn in ["#t=zzzz", "#t=", "#t=%00&m=sc"] {
        page.value(&format!("location.hash = {torn:?}"));
        page.until(
            "document.querySelector('#answer .error')?.textContent.includes('The link is torn')",
        );
        sleep(Duration::from_millis(400));
        assert_eq!(page.value("location.hash"), json!(torn));
        assert_eq!(page.value("document.querySelector('textarea').value"), json!(""));
    }
    // A number that is none is said, and nothing is asked about a test with mistakes.
    write(&mut page, &WRONG.replace("lwx", "lw"));
    page.until("document.querySelector('#answer:not(.old) article')");
    page.value("(() => { const u = document.querySelector('#unroll'); u.value = ''; u.dispatchEvent(new Event('change', { bubbles: true })); })()");
    page.until(
        "document.querySelector('#status').textContent.includes('loops are followed 2 times')",
    );
    assert_eq!(page.value("document.querySelector('#advise').disabled"), json!(false));
    write(&mut page, WRONG);
    page.until(
        "document.querySelector('#mistakes li') && document.querySelector('#advise').disabled",
    );
    // An example takes the place of what was typed, until that is undone.
    page.value("(() => { const s = document.querySelector('#examples'); s.value = '0'; s.dispatchEvent(new Event('change')); })()");
    page.until("document.querySelector('#answer:not(.old) .states')");
    page.value(
        "(() => { document.querySelector('textarea').focus(); document.execCommand('undo'); })()",
    );
    assert_eq!(page.value("document.querySelector('textarea').value"), json!(WRONG));
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn what_strangers_type_is_answered_and_not_obeyed() {
    let Some(mut page) = page() else { return };
    let server = Server::start(&["--timeout", "2"]);
    opened(&server, &mut page);
    let script =
        "<img/src=x/onerror=document.title='obeyed'><script>document.title='obeyed'</script>";
    let named = WRONG
        .replace("lwx", "lw")
        .replace("RISCV typed", &format!("RISCV {script}\n\"{script}\"\nKey={script}"));
    write(&mut page, &named);
    page.until("document.querySelector('#answer:not(.old) h2')?.textContent.includes('onerror')");
    page.click(".states .satisfies button");
    page.until("document.querySelector('.picture svg text')?.textContent.includes('onerror')");
    write(&mut page, &WRONG.replace("lwx", script));
    page.until("document.querySelector('#mistakes li')");
    // A line of 100 kB.
    page.value("(() => { const a = document.querySelector('textarea'); a.value = 'RISCV t\\n' + 'x'.repeat(100000); \
                a.dispatchEvent(new Event('input')); })()");
    page.until("document.querySelector('#answer:not(.old) .error')");
    // More than a request may have.
    page.value(
        "(() => { const a = document.querySelector('textarea'); a.value = 'x'.repeat(300000); \
                a.dispatchEvent(new Event('input')); })()",
    );
    page.until("document.querySelector('#answer:not(.old)')?.textContent.includes('more than')");
    // A link of others.
    for fragment in ["#t=%00&m=<b>", "#t=AAAA&h=0:%2B%3Cimg%3E", "#m=rvwmo,<script>"] {
        page.open(&format!("http://{}/{fragment}", server.host));
        page.until("document.querySelector('#answer:not(.old) :is(article, .error)')");
    }
    // Two hundred questions at once.
    let many = "Promise.all(Array.from({ length: 200 }, () => fetch('api/answer', { method: 'POST', \
                headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ test: FIRST, models: ['ztso'] }) \
                }).then((r) => r.status))).then((codes) => codes.every((code) => code === 200))";
    assert_eq!(page.value(many), json!(true));
    assert_eq!(page.value("document.querySelectorAll('img').length"), json!(0));
    assert_eq!(page.value("document.title"), json!("rvlitmus"));
    // What is refused is said in the browser's log, and nothing else is.
    let others = page
        .complaints()
        .iter()
        .filter(|what| !what.contains("the server responded with a status of 4"));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&String>::new());
}

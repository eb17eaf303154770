//! `rvlitmus serve`, as far as it can be looked at without a browser; see `browser` for its page.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::binary::{folder, run};
use crate::support::server::{Server, code};
use serde_json::{Value, json};

const SB: &str = "RISCV SB\n{ 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; }\n P0 | P1 ;\n li x5,1 | li x5,1 ;\n \
    sw x5,0(x6) | sw x5,0(x6) ;\n lw x8,0(x7) | lw x8,0(x7) ;\nexists (0:x8=0 /\\ 1:x8=0)\n";

fn question(test: &str) -> String {
    json!({ "test": test, "models": ["rvwmo", "ztso", "sc"] }).to_string()
}

fn body(reply: &str) -> Value {
    let (_, body) = reply.split_once("\r\n\r\n").expect("a head");
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn it_answers_as_run_does() {
    let server = Server::start(&[]);
    let answer = server.post("/api/answer", &question(SB));
    assert_eq!(code(&answer), 200);
    let policy =
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; ";
    assert!(answer.contains(policy) && !answer.contains("unsafe-inline"), "{answer}");
    let answer = body(&answer);
    let observations: Vec<&Value> = answer["result"]["machines"]
        .as_array()
        .expect("machines")
        .iter()
        .map(|machine| &machine["observation"])
        .collect();
    assert_eq!(observations, ["Sometimes", "Sometimes", "Never"]);
    let drawn = answer["executions"].as_array().expect("executions");
    assert!(drawn.iter().any(|e| e["machine"] == "sc" && e["allowed"] == false), "{drawn:?}");
    // A state that the condition does not ask for.
    let other = json!({ "test": SB, "models": ["rvwmo"], "about": "(0:x8=1 /\\ 1:x8=1)" });
    let other = body(&server.post("/api/executions", &other.to_string()));
    assert_eq!(other["executions"][0]["allowed"], true);
    let advice = body(&server.post("/api/advice", &question(SB)));
    assert_eq!(advice["machines"][0]["forbid"], "ways", "{advice}");
    // Mistakes have their places.
    let wrong = body(&server.post("/api/answer", &question(&SB.replacen("sw", "sww", 1))));
    assert_eq!(wrong["result"]["error"]["line"], 5);
    // Harts one by one.
    let mixed = json!({ "test": SB, "models": ["rvwmo"], "harts": "0:+ztso;1:-ztso" });
    let mixed = body(&server.post("/api/answer", &mixed.to_string()));
    assert_eq!(mixed["result"]["machines"][1]["harts"], json!(["ztso", "rvwmo"]));
    // And nothing but them, where no model is named.
    let alone = json!({ "test": SB, "models": [], "harts": "0:+ztso;1:-ztso" });
    let alone = body(&server.post("/api/answer", &alone.to_string()));
    assert_eq!(alone["result"]["machines"].as_array().map(Vec::len), Some(1), "{alone}");
    assert_eq!(alone["result"]["machines"][0]["harts"], json!(["ztso", "rvwmo"]));
    // A test of x86 has the models of x86 whatever is asked for RISC-V.
    let x86 = "X86_64 SB\n{ }\n P0 | P1 ;\n movl $1,(x) | movl $1,(y) ;\n movl (y),%eax | movl (x),%eax ;\n\
               exists (0:rax=0 /\\ 1:rax=0)\n";
    let x86 = json!({ "test": x86, "models": ["rvwmo", "ztso"] });
    let x86 = body(&server.post("/api/answer", &x86.to_string()));
    assert_eq!(x86["result"]["machines"][0]["id"], "x86-tso", "{x86}");
    assert_eq!(x86["result"]["machines"][0]["observation"], "Sometimes", "{x86}");
    let told =
        "tests of x86 are not run under rvwmo and ztso: this one is answered under x86-tso and sc";
    assert!(x86["result"]["warnings"].to_string().contains(told), "{x86}");
    let tso = json!({ "test": SB, "models": ["rvwmo", "x86-tso"] });
    let tso = body(&server.post("/api/answer", &tso.to_string()));
    let told = "tests of RISC-V are not run under x86-tso: this one is answered under rvwmo";
    assert!(tso["result"]["warnings"].to_string().contains(told), "{tso}");
    assert_eq!(server.interrupted(), Some(0));
}

#[test]
fn examples_are_those_of_the_folder_and_no_other_file_is_read() {
    let dir = folder(&[("t/sub/a.litmus", SB), ("t/b.litmus", "x"), ("secret.litmus", "secret")]);
    let server = Server::start(&[dir.path().join("t").to_str().expect("UTF-8")]);
    let get = |path: &str| {
        server.raw(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
    };
    assert_eq!(body(&get("/api/examples")), json!([["", "b"], ["sub", "a"]]));
    assert_eq!(body(&get("/api/examples/1")), json!({ "text": SB }));
    for path in [
        "/api/examples/2",
        "/api/examples/../secret.litmus",
        "/secret.litmus",
        "/../secret.litmus",
        "//etc/passwd",
        "/api/examples/-1",
    ] {
        assert_eq!(code(&get(path)), 404, "{path}");
    }
    let built_in = Server::start(&[]);
    let list = built_in.raw(b"GET /api/examples HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(body(&list).as_array().expect("a list").len() >= 12);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_of_the_folder_are_no_examples_and_names_are_visible() {
    let named = "t/a\u{202e}b.litmus";
    let dir = folder(&[(named, SB), ("secret.litmus", "secret"), ("out/x.litmus", "secret")]);
    let root = dir.path();
    std::os::unix::fs::symlink(root.join("secret.litmus"), root.join("t/link.litmus"))
        .expect("a link");
    std::os::unix::fs::symlink(root.join("out"), root.join("t/out")).expect("a link");
    let server = Server::start(&[root.join("t").to_str().expect("UTF-8")]);
    let list = server.raw(b"GET /api/examples HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(!list.contains('\u{202e}'), "{list:?}");
    assert_eq!(body(&list).as_array().map(Vec::len), Some(1), "{list}");
}

#[test]
fn a_folder_that_is_not_there_is_said_at_once() {
    let dir = folder(&[("a.litmus", SB)]);
    for (named, what) in
        [("none", "none: there is no such folder"), ("a.litmus", "a.litmus: it is no folder")]
    {
        let ran = run(dir.path(), &["serve", "--listen", "127.0.0.1:0", named]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(what), "{}", ran.err);
    }
}

#[test]
fn requests_are_understood_as_http_has_them() {
    let server = Server::start(&[]);
    let ask = question(SB);
    let length = format!("Content-Length: {}\r\n", ask.len());
    let (host, json) = ("Host: LocalHost\r\n", "Content-Type: Application/JSON; charset=utf-8\r\n");
    let send = |line: &str, head: &str, body: &str| {
        server.raw(format!("{line} HTTP/1.1\r\n{head}\r\n{body}").as_bytes())
    };
    let own = format!("{host}{json}{length}Origin: http://localhost\r\n");
    assert_eq!(code(&send("POST /api/answer", &own, &ask)), 200);
    assert_eq!(code(&send("GET http://localhost/", "", "")), 200);
    assert_eq!(code(&send("GET http://localhost", host, "")), 200);
    assert_eq!(code(&send("GET http://evil.example/", host, "")), 421);
    let head = send("HEAD /", host, "");
    assert!(
        code(&head) == 200 && head.ends_with("\r\n\r\n") && !head.contains("Content-Length: 0")
    );
    for method in ["OPTIONS", "DELETE", "get", "FETCH"] {
        let reply = send(&format!("{method} /"), host, "");
        assert!(code(&reply) == 405 && reply.contains("Allow: GET, HEAD, POST"), "{reply}");
    }
    for (wrong, why) in [
        ("Content-Length: +2\r\n".to_owned(), "the content length is no number"),
        ("Content-Length: -2\r\n".to_owned(), "the content length is no number"),
        (format!("{length}{length}"), "more than one content length"),
        (
            format!("{length}Transfer-Encoding: chunked\r\n"),
            "a transfer encoding is not understood",
        ),
    ] {
        let reply = send("POST /api/answer", &format!("{host}{json}{wrong}"), &ask);
        assert!(code(&reply) == 400 && reply.contains(why), "{reply}");
    }
    for (wrong, why) in [
        ("[]", "a question about a test"),
        ("{\"test\":\"\",\"models\":[\"sc\"],\"unroll\":-1}", "`unroll` is no number from 0 to 64"),
    ] {
        let reply = server.post("/api/answer", wrong);
        assert!(code(&reply) == 400 && reply.contains(why) && !reply.contains("Asked"), "{reply}");
    }
}

#[test]
fn requests_of_other_pages_are_refused() {
    let server = Server::start(&["--request-size", "8"]);
    let body = question(SB);
    let host = &server.host;
    let send = |method: &str, head: &str| {
        let length = body.len();
        let text = format!(
            "{method} /api/answer HTTP/1.1\r\n{head}Content-Length: {length}\r\n\r\n{body}"
        );
        code(&server.raw(text.as_bytes()))
    };
    let json = "Content-Type: application/json\r\n";
    let own = format!("Host: {host}\r\n{json}");
    assert_eq!(send("POST", &own), 200);
    assert_eq!(send("POST", &format!("{own}Origin: http://{host}\r\n")), 200);
    for (method, head, expected) in [
        ("POST", format!("Host: {host}\r\n{json}Origin: http://evil.example\r\n"), 403),
        ("POST", format!("Host: evil.example\r\n{json}"), 421),
        ("GET", "Host: evil.example:80\r\n".to_owned(), 421),
        ("POST", json.to_owned(), 421),
        ("POST", format!("Host: {host}\r\nHost: evil.example\r\n{json}"), 421),
        ("POST", format!("Host: {host}\r\nContent-Type: text/plain\r\n"), 415),
        ("POST", format!("Host: {host}\r\n"), 415),
        ("PUT", own.clone(), 405),
    ] {
        assert_eq!(send(method, &head), expected, "{method} {head}");
    }
    let long = " ".repeat(9000);
    assert_eq!(code(&server.post("/api/answer", &long)), 413);
    let endless = format!("GET /{} HTTP/1.1\r\n", "x".repeat(1 << 17));
    assert_eq!(code(&server.raw(endless.as_bytes())), 413);
    let unmeasured =
        format!("POST /api/answer HTTP/1.1\r\n{own}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_eq!(code(&server.raw(unmeasured.as_bytes())), 400);
    assert_eq!(code(&server.raw(b"\x16\x03\x01\x02\x00\r\n\r\n")), 400);
    for wrong in [
        "",
        "{",
        "{\"test\":1}",
        "{\"test\":\"\",\"models\":[]}",
        "{\"test\":\"\",\"models\":[\"x86\"]}",
    ] {
        assert_eq!(code(&server.post("/api/answer", wrong)), 400, "{wrong}");
    }
}

/// A spin that nobody ends, followed further and further, on harts that multiply its states.
fn endless() -> String {
    let row = |what: &str| format!(" {} ;\n", [what; 6].join(" | "));
    let init: String = (0..6).map(|hart| format!("{hart}:x6=x; {hart}:x7=y; ")).collect();
    let heads = (0..6).map(|hart| format!("P{hart}")).collect::<Vec<_>>().join(" | ");
    let steps =
        ["L0:", "amoadd.w x5,x8,(x6)", "addi x8,x8,1", "amoadd.w x9,x8,(x7)", "bne x5,x9,L0"];
    let code: String = steps.iter().map(|step| row(step)).collect();
    format!("RISCV endless\n{{ {init}}}\n {heads} ;\n{code}exists (x=1)\n")
}

#[test]
fn what_takes_too_long_is_ended_and_says_so() {
    let server = Server::start(&["--timeout", "1"]);
    let begun = Instant::now();
    let asked = json!({ "test": endless(), "models": ["rvwmo", "ztso"], "unroll": 60 }).to_string();
    let reply = server.post("/api/answer", &asked);
    assert_eq!(code(&reply), 200);
    let status = body(&reply)["result"]["status"].clone();
    assert!(
        ["timeout", "memory-limit", "too-large"].contains(&status.as_str().expect("text")),
        "{status}"
    );
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    // A line of 100 kB is a mistake like others.
    let long = body(&server.post("/api/answer", &question(&"x".repeat(100_000))));
    assert_eq!(long["result"]["status"], "parse-error");
    assert!(long["result"]["error"]["message"].as_str().expect("text").len() < 1000);
}

#[test]
fn two_hundred_requests_at_once_are_all_answered() {
    let server = Server::start(&["--timeout", "30"]);
    let asked = question(SB);
    // One that is sent slowly holds up nobody.
    let mut slow = TcpStream::connect(&server.host).expect("it listens");
    slow.write_all(b"POST /api/answer HTTP/1.1\r\n").expect("sent");
    let codes: Vec<u16> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..200).map(|_| scope.spawn(|| code(&server.post("/api/answer", &asked)))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(codes, vec![200; 200]);
    slow.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
    let mut reply = String::new();
    slow.read_to_string(&mut reply).expect("a reply");
    assert_eq!(code(&reply), 408);
}

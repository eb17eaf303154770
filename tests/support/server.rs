//! The program as a server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server on a free port, until it is dropped.
pub struct Server {
    process: Child,
    /// `127.0.0.1:40000`.
    pub host: String,
}

impl Server {
    /// Starts `rvlitmus serve` with these arguments besides.
    pub fn start(arguments: &[&str]) -> Server {
        let mut process = Command::new(assert_cmd::cargo::cargo_bin!("rvlitmus"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut line).expect("an address");
        let host = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Server { process, host }
    }

    /// Sends bytes and returns the whole reply.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut connection = TcpStream::connect(&self.host).expect("it listens");
        connection.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
        // What is refused early need not be taken as a whole.
        let _ = connection.write_all(bytes);
        let mut reply = Vec::new();
        let _ = connection.read_to_end(&mut reply);
        String::from_utf8_lossy(&reply).into_owned()
    }

    /// Posts JSON as the page does.
    pub fn post(&self, path: &str, body: &str) -> String {
        let host = &self.host;
        self.raw(
            format!(
                "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        )
    }

    /// Asks it to end, and returns how it did.
    pub fn interrupted(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().expect("kill");
        self.process.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The code of a reply.
pub fn code(reply: &str) -> u16 {
    let code = reply.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.unwrap_or_else(|| panic!("no reply: {reply:?}"))
}

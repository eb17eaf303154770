//! As much of HTTP/1.1 as a page of one's own needs: one request on a connection, within limits, and a reply.
//!
//! Heads are parsed by `httparse`. A small server as `tiny_http` has no limit to the time that a sender takes, nor to
//! the body that it sends, so one slow or endless sender would hold up a thread for good.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// Bytes of a head.
const HEAD: usize = 1 << 14;
/// Fields of a head.
const FIELDS: usize = 64;
/// In this time a request has to come, and a reply has to go.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes that are still taken of a request that is refused, so that its sender reads the reply.
const DRAINED: usize = 1 << 20;

/// Under this policy nothing runs and nothing is loaded but what this server sends.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is asked of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    Get,
    /// The head of what `Get` gets.
    Head,
    Post,
}

/// What somebody asks for.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    /// Without what stands behind a `?`.
    pub(super) path: String,
    /// Names in small letters.
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// The value of a field; nothing for one that is there twice.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.as_str())
    }

    /// The length of the body, if the head has it.
    fn length(&self, largest: usize) -> Result<Option<usize>, Refused> {
        let named = |name: &str| self.headers.iter().filter(|(known, _)| known == name).count();
        if named("transfer-encoding") > 0 {
            return Err(Refused::Encoding);
        }
        if named("content-length") > 1 {
            return Err(Refused::Lengths);
        }
        let Some(length) = self.header("content-length") else { return Ok(None) };
        // `parse` would take a sign as well.
        if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refused::Length);
        }
        let length = length.parse().ok().filter(|length| *length <= largest);
        length.map(Some).ok_or(Refused::TooLong(largest))
    }
}

/// Why a request is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("the request cannot be read: {0}")]
    Unreadable(#[from] httparse::Error),
    #[error("only GET, HEAD and POST are understood")]
    Method,
    #[error("the request has no length")]
    NoLength,
    #[error("the content length is no number")]
    Length,
    #[error("the request has more than one content length")]
    Lengths,
    #[error("a transfer encoding is not understood: send a content length")]
    Encoding,
    #[error("the request has more than {0} bytes")]
    TooLong(usize),
    #[error("the request did not come in time")]
    Late,
    #[error("the request ended early: {0}")]
    Broken(#[from] io::Error),
}

impl Refused {
    pub(super) fn reply(&self) -> Reply {
        let code = match self {
            Refused::Unreadable(_)
            | Refused::Broken(_)
            | Refused::Length
            | Refused::Lengths
            | Refused::Encoding => 400,
            Refused::Method => 405,
            Refused::NoLength => 411,
            Refused::TooLong(_) => 413,
            Refused::Late => 408,
        };
        Reply::error(code, &self.to_string())
    }
}

/// What is sent back.
#[derive(Debug)]
pub(super) struct Reply {
    code: u16,
    kind: &'static str,
    body: Vec<u8>,
    /// Is the body kept back, as it was not asked for?
    head_alone: bool,
}

impl Reply {
    fn new(code: u16, kind: &'static str, body: Vec<u8>) -> Reply {
        Reply { code, kind, body, head_alone: false }
    }

    /// A page, or a part of one.
    pub(super) fn asset(kind: &'static str, body: &str) -> Reply {
        Reply::new(200, kind, body.as_bytes().to_vec())
    }

    /// JSON.
    pub(super) fn json(body: Vec<u8>) -> Reply {
        Reply::new(200, "application/json", body)
    }

    /// What is wrong, as JSON.
    pub(super) fn error(code: u16, message: &str) -> Reply {
        let body = serde_json::json!({ "error": message }).to_string().into_bytes();
        Reply::new(code, "application/json", body)
    }

    /// As much of it as the request asks for.
    pub(super) fn to(self, request: &Request) -> Reply {
        Reply { head_alone: request.method == Method::Head, ..self }
    }
}

/// Reads from a connection until the time of a request is over.
struct Reader<'c> {
    connection: &'c TcpStream,
    until: Instant,
}

impl Reader<'_> {
    /// Appends what comes next to `bytes`.
    fn more(&mut self, bytes: &mut Vec<u8>) -> Result<(), Refused> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Refused::Late);
        }
        self.connection.set_read_timeout(Some(left))?;
        let mut some = [0; 1 << 12];
        let mut connection = self.connection;
        match connection.read(&mut some) {
            Ok(0) => Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
            Ok(length) => {
                bytes.extend_from_slice(&some[..length]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(Refused::Late)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Reads a request with a body of at most so many bytes.
pub(super) fn read(connection: &TcpStream, largest: usize) -> Result<Request, Refused> {
    let mut reader = Reader { connection, until: Instant::now() + PATIENCE };
    let mut bytes = Vec::new();
    let (mut request, head) = loop {
        if let Some(found) = head(&bytes)? {
            break found;
        }
        if bytes.len() > HEAD {
            return Err(Refused::TooLong(HEAD));
        }
        reader.more(&mut bytes)?;
    };
    let mut body = bytes.split_off(head);
    let length = request.length(largest)?;
    if request.method == Method::Post {
        let length = length.ok_or(Refused::NoLength)?;
        while body.len() < length {
            reader.more(&mut body)?;
        }
        body.truncate(length);
        request.body = body;
    }
    Ok(request)
}

/// The head and its length, if all of it is there.
fn head(bytes: &[u8]) -> Result<Option<(Request, usize)>, Refused> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(length) = parsed.parse(bytes)? else { return Ok(None) };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = parsed.headers.iter().map(|h| (h.name.to_ascii_lowercase(), text(h.value)));
    let mut headers: Vec<(String, String)> = headers.collect();
    let method = match parsed.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some("POST") => Method::Post,
        _ => return Err(Refused::Method),
    };
    let target = parsed.path.unwrap_or_default();
    let mut path = target.split('?').next().unwrap_or_default();
    if let Some(scheme) = path.get(..7).filter(|it| it.eq_ignore_ascii_case("http://")) {
        // As a proxy is asked: the host that stands here is the one that counts.
        let rest = &path[scheme.len()..];
        let (host, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        headers.retain(|(name, _)| name != "host");
        headers.push(("host".to_owned(), host.to_owned()));
        path = if rest.is_empty() { "/" } else { rest };
    }
    let request = Request { method, path: path.to_owned(), headers, body: Vec::new() };
    Ok(Some((request, length)))
}

/// Writes a reply and closes the connection.
pub(super) fn write(mut connection: &TcpStream, reply: &Reply) -> io::Result<()> {
    let Reply { code, kind, body, head_alone } = reply;
    connection.set_write_timeout(Some(PATIENCE))?;
    let allow = if *code == 405 { "Allow: GET, HEAD, POST\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {code} {}\r\n{allow}Content-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nContent-Security-Policy: {POLICY}\r\nX-Content-Type-Options: nosniff\r\n\
         Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\n\r\n",
        words(*code),
        body.len()
    );
    connection.write_all(head.as_bytes())?;
    connection.write_all(if *head_alone { b"" } else { body })?;
    connection.shutdown(Shutdown::Write)?;
    drain(connection)
}

/// Takes what a sender is still sending: closed before, the connection would take the reply with it.
fn drain(mut connection: &TcpStream) -> io::Result<()> {
    connection.set_read_timeout(Some(Duration::from_millis(500)))?;
    let (mut some, mut taken) = ([0; 1 << 12], 0);
    while taken < DRAINED {
        match connection.read(&mut some)? {
            0 => break,
            length => taken += length,
        }
    }
    Ok(())
}

fn words(code: u16) -> &'static str {
    match code {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

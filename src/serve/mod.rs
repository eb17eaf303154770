//! A page to try tests in, and the server that answers it.
//!
//! ```text
//! connection -> http (a request, within limits) -> guard (meant for us?) -> answers (the session) -> http
//! ```
//!
//! Every answer goes the one road of tests, by way of [`run`](crate::run). A request is given its time and is
//! ended when the browser has gone; so many are answered at once, and so many more wait. The server knows the
//! page, which is built in, and the examples that it was given: no request names a file.

mod answers;
mod built_in;
mod examples;
mod guard;
mod http;
mod slots;
mod watchdog;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use http::{Method, Reply, Request};

pub use examples::{Example, Examples};

use crate::run::Setup;

/// Connections at a time; who comes then is sent away.
const CONNECTIONS: usize = 512;
/// How often the server looks whether to stop.
const TICK: Duration = Duration::from_millis(100);

/// What the server works with.
#[derive(Debug)]
pub struct Config {
    /// What tests are run with, but for what requests ask for.
    pub setup: Setup,
    /// The time of one request.
    pub time: Duration,
    /// Bytes that a request may have.
    pub largest: usize,
    /// Requests that are answered at once.
    pub at_once: usize,
    /// What the page offers.
    pub examples: Examples,
}

/// What all connections share.
struct Shared {
    config: Config,
    slots: slots::Slots,
    connections: AtomicUsize,
}

/// A connection that counts until it is dropped, also where no thread can be had for it.
struct Counted(Arc<Shared>);

impl Counted {
    /// One more, if there are not too many.
    fn new(shared: &Arc<Shared>) -> Option<Counted> {
        let before = shared.connections.fetch_add(1, Ordering::AcqRel);
        let counted = Counted(shared.clone());
        (before < CONNECTIONS).then_some(counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Answers who connects until `stop` is set.
///
/// # Errors
/// The listener fails.
pub fn serve(listener: &TcpListener, config: Config, stop: &Arc<AtomicBool>) -> io::Result<()> {
    wake_at_stop(listener.local_addr()?, stop.clone())?;
    let slots = slots::Slots::new(config.at_once);
    let shared = Arc::new(Shared { config, slots, connections: AtomicUsize::new(0) });
    for connection in listener.incoming() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let Ok(connection) = connection else {
            // One that is gone again is no reason to stop; want of descriptors passes.
            thread::sleep(TICK);
            continue;
        };
        let Some(counted) = Counted::new(&shared) else { continue };
        let work = move || {
            // Whatever goes wrong with one connection is its own affair.
            let _ = catch_unwind(AssertUnwindSafe(|| counted.0.talk(&connection)));
        };
        let _ = thread::Builder::new().name("request".to_owned()).spawn(work);
    }
    Ok(())
}

/// Connects once when `stop` is set, so that whoever waits for connections looks at it.
fn wake_at_stop(mut to: SocketAddr, stop: Arc<AtomicBool>) -> io::Result<()> {
    if to.ip().is_unspecified() {
        to.set_ip(match to {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    let wait = move || {
        while !stop.load(Ordering::Relaxed) {
            thread::sleep(TICK);
        }
        let _ = TcpStream::connect(to);
    };
    thread::Builder::new().name("stop".to_owned()).spawn(wait).map(drop)
}

impl Shared {
    /// Reads one request and replies.
    fn talk(&self, connection: &TcpStream) {
        let reply = match http::read(connection, self.config.largest) {
            Ok(request) => guard::refusal(&request)
                .unwrap_or_else(|| self.reply(&request, connection))
                .to(&request),
            Err(refused) => refused.reply(),
        };
        // There is nobody to tell when that fails.
        let _ = http::write(connection, &reply);
    }

    fn reply(&self, request: &Request, connection: &TcpStream) -> Reply {
        let examples = &self.config.examples;
        match (request.method, request.path.as_str()) {
            (Method::Post, path) => self.answer(path, request, connection),
            (_, path) if path.starts_with("/api/examples") => examples.reply(path),
            (_, path) => {
                answers::asset(path).unwrap_or_else(|| Reply::error(404, "there is no such page"))
            }
        }
    }

    /// Answers a question about a test, when its turn comes and as long as somebody waits.
    fn answer(&self, path: &str, request: &Request, connection: &TcpStream) -> Reply {
        let Some(question) = answers::question(path) else {
            return Reply::error(404, "there is no such question");
        };
        let Some(_slot) = self.slots.take(self.config.time) else {
            return Reply::error(503, "too many requests are waiting: try again");
        };
        let stop = Arc::new(AtomicBool::new(false));
        let setup = Setup { stop: stop.clone(), ..self.config.setup.clone() };
        let answer = || catch_unwind(AssertUnwindSafe(|| question(&request.body, setup)));
        match watchdog::watched(connection, self.config.time, &stop, answer) {
            Ok(reply) => reply,
            Err(_) => Reply::error(500, "this program failed on the request: please report it"),
        }
    }
}

//! Work that ends when its time is over, or when nobody waits for it any more.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How often it looks.
const TICK: Duration = Duration::from_millis(50);

/// Does the work. `stop` is set after `time`, or when the other side of the connection has gone.
pub(super) fn watched<T>(
    connection: &TcpStream,
    time: Duration,
    stop: &Arc<AtomicBool>,
    work: impl FnOnce() -> T,
) -> T {
    thread::scope(|scope| {
        let (done, waiting) = channel::<()>();
        scope.spawn(move || {
            let begun = Instant::now();
            while waiting.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                if begun.elapsed() >= time || has_gone(connection) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Has the other side closed the connection?
fn has_gone(connection: &TcpStream) -> bool {
    if connection.set_nonblocking(true).is_err() {
        return true;
    }
    let peeked = connection.peek(&mut [0]);
    let _ = connection.set_nonblocking(false);
    matches!(peeked, Ok(0))
}

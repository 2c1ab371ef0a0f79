//! The ways to break things while clients are at work.

use std::{
    thread,
    time::{Duration, Instant},
};

use servers::{Direction, Postgres, Proxy};

use fire::{crowd::Crowd, rng::Rng, table::Row};

use crate::office::Office;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL for a client.
    Kill,
    /// The same after a number of bytes between the clients and the server.
    KillAtByte,
    /// The server stopped without a shutdown, and started again.
    Restart,
    /// SIGKILL for a back end, so that the server restarts by itself.
    KillBackend,
    /// `pg_terminate_backend` for all.
    Terminate,
    /// A connection cut after a number of bytes.
    CutAtByte,
    CutAll,
    Delay,
    /// New connections are closed at once.
    Refuse,
    /// The network swallows everything, for a moment or for long.
    Swallow,
    /// The server's processes stop in their tracks.
    Freeze,
}

/// Where it happens.
pub struct Scene<'a> {
    pub crowd: Crowd,
    /// Ours, past the proxy.
    pub office: Office<'a>,
    pub server: Option<&'a Postgres>,
    pub proxy: Option<&'a Proxy>,
    pub row: Row,
}

impl Scene<'_> {
    pub fn apply(&mut self, fault: Fault, rng: &mut Rng) {
        let (server, proxy) = (|| self.server.expect("a server"), || self.proxy.expect("a proxy"));
        let way = rng.pick(&[Direction::ToServer, Direction::ToClient]);
        let (bytes, moment) = (rng.roll(30_000), Duration::from_millis(rng.between(20, 500)));
        // In turn, and one of them longer than any call waits.
        let turn = self.row.silences as usize % 4;
        let silence = Duration::from_millis([5500, 300, 2500, 1000][turn] + rng.roll(500));
        match fault {
            Fault::Kill => self.crowd.kill_one(),
            Fault::KillAtByte => {
                let (proxy, started) = (proxy(), Instant::now());
                let target = proxy.forwarded(way) + bytes;
                while proxy.forwarded(way) < target && started.elapsed() < Duration::from_secs(2) {
                    thread::sleep(Duration::from_micros(50));
                }
                self.crowd.kill_one();
            }
            Fault::Restart => {
                server().stop_hard();
                thread::sleep(moment);
                server().start_again();
                self.row.restarts += 1;
            }
            Fault::KillBackend => {
                if server().kill_a_backend(bytes) {
                    server().wait_ready();
                    self.row.restarts += 1;
                }
            }
            Fault::Terminate => {
                server().terminate_backends();
                self.row.cuts += 1;
            }
            Fault::CutAtByte => {
                let (proxy, started) = (proxy(), Instant::now());
                proxy.cut_after(way, bytes);
                while !proxy.has_cut() && started.elapsed() < Duration::from_secs(2) {
                    thread::sleep(Duration::from_millis(1));
                }
            }
            Fault::CutAll => proxy().cut_all(),
            Fault::Delay => {
                proxy().delay(moment / 25);
                thread::sleep(moment * 2);
                proxy().delay(Duration::ZERO);
            }
            Fault::Refuse => {
                proxy().refuse(true);
                proxy().cut_all();
                thread::sleep(moment);
                proxy().refuse(false);
            }
            Fault::Swallow => {
                proxy().freeze();
                thread::sleep(silence);
                proxy().thaw();
                self.row.silences += 1;
            }
            Fault::Freeze => {
                server().freeze();
                thread::sleep(silence);
                server().thaw();
                self.row.silences += 1;
            }
        }
    }
}

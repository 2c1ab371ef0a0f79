//! Opening one connection: to whichever host is the primary, with a limit that the server keeps too.

use std::{
    net::IpAddr,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use deadpool_postgres::Connect;
use tokio::{task::JoinHandle, time::timeout};
use tokio_postgres::{
    Client, Config, Error, SimpleQueryMessage, SimpleQueryRow,
    config::{Host, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connection::UNBALANCED;

const DEFAULT_PORT: u16 = 5432;
/// Whether a server takes writes.
const MODE: &str = "SELECT current_setting('transaction_read_only')";

/// Opens connections on which the server itself gives up a statement that is late: or it would have ever more
/// of them waiting for a lock, say. (It never gives up a commit that waits for a standby.)
pub(super) struct Dial {
    hosts: Vec<Config>,
    /// Where the last connection was made: the next is tried there first.
    last: AtomicUsize,
    tls: MakeRustlsConnect,
    statement_timeout: Duration,
}

type Connected = Result<(Client, JoinHandle<()>), Error>;

impl Dial {
    pub(super) const fn new(hosts: Vec<Config>, tls: MakeRustlsConnect, statement_timeout: Duration) -> Self {
        Self { hosts, last: AtomicUsize::new(0), tls, statement_timeout }
    }

    /// Connects to a server that takes writes. This asks for that itself, with a statement that no pooler
    /// moves to a standby. Only the driver can make an error of its own kind, so it then asks again.
    async fn to(&self, host: &Config) -> Connected {
        let connected = self.open(host, TargetSessionAttrs::Any).await?;
        let answer = connected.0.simple_query(&format!("{UNBALANCED}{MODE}")).await?;
        let is_off = |row: &SimpleQueryRow| row.get(0) == Some("off");
        if answer.iter().any(|it| matches!(it, SimpleQueryMessage::Row(row) if is_off(row))) {
            return Ok(connected);
        }
        self.open(host, TargetSessionAttrs::ReadWrite).await
    }

    async fn open(&self, host: &Config, attributes: TargetSessionAttrs) -> Connected {
        let mut host = host.clone();
        host.target_session_attrs(attributes);
        share_time(&mut host).await;
        let mut limited = host.clone();
        let (timeout, theirs) = (self.statement_timeout.as_millis(), host.get_options().unwrap_or_default());
        limited.options(format!("-c statement_timeout={timeout} {theirs}"));
        let connected = match limited.connect(self.tls.clone()).await {
            // A proxy may not let clients set that. Each has a code of its own for it (08P01, 0A000, 22023,
            // XX000), or hangs up.
            Err(refused) if refused.as_db_error().is_some() || refused.is_closed() => {
                host.connect(self.tls.clone()).await
            }
            connected => connected,
        };
        let (client, connection) = connected?;
        Ok((client, tokio::spawn(async move { drop(connection.await) })))
    }

    async fn to_any(&self, fallback: &Config) -> Connected {
        let (last, mut left) = (self.last.load(Ordering::Relaxed), self.hosts.len());
        for (number, host) in self.hosts.iter().enumerate().cycle().skip(last).take(left) {
            left = left.saturating_sub(1);
            let limit = host.get_connect_timeout().copied().filter(|_| left > 0).unwrap_or(Duration::MAX);
            match timeout(limit, self.to(host)).await {
                Ok(Ok(connected)) => {
                    self.last.store(number, Ordering::Relaxed);
                    return Ok(connected);
                }
                // The last one's error is that of all.
                Ok(Err(error)) if left == 0 => return Err(error),
                _ => {}
            }
        }
        self.to(fallback).await
    }
}

/// Divides the time for connecting by a name's addresses, which are tried one after the other: one that is
/// silent must not take the time of the next.
async fn share_time(host: &mut Config) {
    let ([Host::Tcp(name)], [], Some(whole)) =
        (host.get_hosts(), host.get_hostaddrs(), host.get_connect_timeout())
    else {
        return;
    };
    if name.parse::<IpAddr>().is_ok() {
        return;
    }
    let port = host.get_ports().first().copied().unwrap_or(DEFAULT_PORT);
    let addresses = tokio::net::lookup_host((name.as_str(), port)).await.map_or(1, Iterator::count);
    let share = u32::try_from(addresses).ok().and_then(|addresses| whole.checked_div(addresses));
    if let Some(share) = share {
        host.connect_timeout(share);
    }
}

impl Connect for Dial {
    fn connect(&self, first: &Config) -> Pin<Box<dyn Future<Output = Connected> + Send + '_>> {
        let first = first.clone();
        Box::pin(async move { self.to_any(&first).await })
    }
}

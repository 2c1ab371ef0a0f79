//! A TCP proxy that breaks connections.

use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering::SeqCst},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

use Direction::{ToClient, ToServer};

/// A proxy on a loopback port in front of another. It passes everything on until it is told otherwise, which
/// may be at any time; when it is dropped, all its connections are closed.
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    port: u16,
    listening: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    /// The loopback port behind this.
    upstream: AtomicU16,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    forwarded: [u64; 2],
    cut: Cut,
    delay: Duration,
    frozen: bool,
    refuse: bool,
    ended: bool,
    cuts: u64,
    connections: u64,
    open: HashMap<u64, Connection>,
}

#[derive(Debug, Default)]
enum Cut {
    #[default]
    None,
    /// So many bytes are left that way.
    After(Direction, u64),
    /// None is left, and their connection is about to be closed.
    Due,
    Done,
}

#[derive(Debug)]
struct Connection {
    client: Arc<TcpStream>,
    server: Arc<TcpStream>,
    /// It has seen a freeze, and forwards nothing any more.
    dead: bool,
    /// How many of its two ways are done.
    done: u8,
}

impl Connection {
    fn close(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

impl Proxy {
    /// A proxy in front of that loopback port, where nothing needs to listen yet.
    pub fn start(upstream_port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared { upstream: upstream_port.into(), state: Mutex::default() });
        let listening = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.listen(&listener)
        });
        Self { shared, port, listening: Some(listening) }
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database of the PostgreSQL server behind this.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://sso@127.0.0.1:{}/{database}", self.port)
    }

    /// New connections lead to this loopback port from now on; the others stay where they are.
    pub fn lead_to(&self, upstream_port: u16) {
        self.shared.upstream.store(upstream_port, SeqCst);
    }

    /// From this call on, exactly so many bytes still go that way, over all connections; the connection of
    /// the last of them is then closed on both sides. With 0 it is that of the next byte, which no longer
    /// goes. This happens once.
    pub fn cut_after(&self, direction: Direction, bytes: u64) {
        self.shared.state().cut = Cut::After(direction, bytes);
    }

    /// Whether what [`Self::cut_after`] last asked for has happened.
    pub fn has_cut(&self) -> bool {
        matches!(self.shared.state().cut, Cut::Done)
    }

    /// How many bytes have gone that way since the start.
    pub fn forwarded(&self, direction: Direction) -> u64 {
        self.shared.state().forwarded[direction as usize]
    }

    /// How long each chunk waits from now on before it goes.
    pub fn delay(&self, delay: Duration) {
        self.shared.state().delay = delay;
    }

    /// From now on connections are taken, and what they send is swallowed: nothing is forwarded, nothing
    /// closed.
    pub fn freeze(&self) {
        let mut state = self.shared.state();
        state.frozen = true;
        state.open.values_mut().for_each(|connection| connection.dead = true);
    }

    /// New connections work again. Those that have seen the freeze never do.
    pub fn thaw(&self) {
        self.shared.state().frozen = false;
    }

    /// Whether new connections are closed at once.
    pub fn refuse(&self, refuse: bool) {
        self.shared.state().refuse = refuse;
    }

    /// Closes all connections now.
    pub fn cut_all(&self) {
        let mut state = self.shared.state();
        state.cuts += u64::try_from(state.open.len()).expect("few");
        state.open.drain().for_each(|(_, connection)| connection.close());
    }

    /// How many connections [`Self::cut_after`] and [`Self::cut_all`] have closed.
    pub fn cuts(&self) -> u64 {
        self.shared.state().cuts
    }

    /// How many connections have been made through this so far.
    pub fn connections(&self) -> u64 {
        self.shared.state().connections
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().ended = true;
        self.cut_all();
        // So that it looks up.
        let woken = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let (Ok(_), Some(listening)) = (woken, self.listening.take()) {
            let _ = listening.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(self: &Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            let refuse = {
                let state = self.state();
                if state.ended {
                    return;
                }
                state.refuse
            };
            if let (Ok(client), false) = (client, refuse) {
                let shared = Arc::clone(self);
                thread::spawn(move || shared.connect(client));
            }
        }
    }

    /// Where nothing listens behind us, the client's connection is just closed.
    fn connect(self: Arc<Self>, client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let client = Arc::new(client);
        let dead = self.state().frozen;
        let server = if dead {
            // Its bytes go nowhere, so there is no need of a server.
            Arc::clone(&client)
        } else {
            let upstream = SocketAddr::from((Ipv4Addr::LOCALHOST, self.upstream.load(SeqCst)));
            Arc::new(TcpStream::connect_timeout(&upstream, Duration::from_secs(10))?)
        };
        server.set_nodelay(true)?;
        let mut state = self.state();
        if state.ended {
            return Ok(());
        }
        state.connections += 1;
        let id = state.connections;
        let dead = dead || state.frozen;
        let [from, to] = [&client, &server].map(Arc::clone);
        state.open.insert(id, Connection { client, server, dead, done: 0 });
        drop(state);
        let (shared, back) = (Arc::clone(&self), (Arc::clone(&to), Arc::clone(&from)));
        thread::spawn(move || shared.pump(id, ToClient, &back.0, &back.1));
        self.pump(id, ToServer, &from, &to);
        Ok(())
    }

    /// Moves bytes one way until that way ends.
    fn pump(&self, id: u64, direction: Direction, mut from: &TcpStream, mut to: &TcpStream) {
        let mut buffer = vec![0; 16 * 1024];
        let is_end = loop {
            match from.read(&mut buffer) {
                Ok(0) => break true,
                Err(_) => break false,
                Ok(length) => {
                    let delay = self.state().delay;
                    if !delay.is_zero() {
                        thread::sleep(delay);
                    }
                    let (allowed, cut) = self.admit(id, direction, length);
                    let written = to.write_all(&buffer[..allowed]);
                    if cut {
                        self.cut(id);
                    }
                    if written.is_err() {
                        break false;
                    }
                }
            }
        };
        let mut state = self.state();
        let Some(connection) = state.open.get_mut(&id) else { return };
        connection.done += 1;
        let is_over = connection.done == 2;
        if connection.dead {
            return;
        }
        if is_end {
            let _ = to.shutdown(Shutdown::Write);
        } else {
            connection.close();
        }
        if is_over {
            state.open.remove(&id);
        }
    }

    /// How many bytes of a chunk may go, and whether that is the end of their connection.
    fn admit(&self, id: u64, direction: Direction, length: usize) -> (usize, bool) {
        let mut state = self.state();
        if state.open.get(&id).is_none_or(|connection| connection.dead) {
            return (0, false);
        }
        let (mut allowed, mut cut) = (u64::try_from(length).expect("few"), false);
        if let Cut::After(way, left) = &mut state.cut
            && *way == direction
        {
            allowed = allowed.min(*left);
            *left -= allowed;
            cut = *left == 0;
        }
        if cut {
            state.cut = Cut::Due;
        }
        state.forwarded[direction as usize] += allowed;
        (usize::try_from(allowed).expect("at most the length"), cut)
    }

    fn cut(&self, id: u64) {
        let mut state = self.state();
        if let Some(connection) = state.open.remove(&id) {
            connection.close();
            state.cuts += 1;
        }
        // It may have been asked for another meanwhile.
        if matches!(state.cut, Cut::Due) {
            state.cut = Cut::Done;
        }
    }
}

//! The proxy breaks connections as it says.

use servers::{Direction, Proxy};
use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

/// A server that sends back what it gets, and says how much each connection got in all.
fn echo() -> (u16, Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (to_us, lengths) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, to_us) = (stream.unwrap(), to_us.clone());
            thread::spawn(move || {
                let (mut buffer, mut all) = ([0; 1000], 0);
                while let Ok(length @ 1..) = stream.read(&mut buffer) {
                    all += length;
                    let _ = stream.write_all(&buffer[..length]);
                }
                let _ = to_us.send(all);
            });
        }
    });
    (port, lengths)
}

fn client(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

fn exchange(stream: &mut TcpStream, length: usize) -> bool {
    let mut back = vec![0; length];
    stream.write_all(&vec![7; length]).and_then(|()| stream.read_exact(&mut back)).is_ok()
}

/// All that comes until the end, which must come.
fn rest(stream: &mut TcpStream) -> usize {
    let (mut all, mut buffer) = (0, [0; 1000]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return all,
            Ok(length) => all += length,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("after {all}: {error}"),
        }
    }
}

#[track_caller]
fn is_silent(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn cuts_at_the_byte() {
    let (port, lengths) = echo();
    let proxy = Proxy::start(port);
    let mut whole = client(&proxy);
    assert!(exchange(&mut whole, 100_000));
    let so_far = (proxy.forwarded(Direction::ToServer), proxy.forwarded(Direction::ToClient));
    assert_eq!((so_far, proxy.connections(), proxy.cuts()), ((100_000, 100_000), 1, 0));
    for bytes in [0, 1, 999, 1000, 40_000] {
        for direction in [Direction::ToServer, Direction::ToClient] {
            let mut stream = client(&proxy);
            assert!(exchange(&mut stream, 10));
            let before = proxy.forwarded(direction);
            proxy.cut_after(direction, bytes);
            assert!(!proxy.has_cut());
            let _ = stream.write_all(&vec![7; 50_000]);
            let came = rest(&mut stream);
            let arrived = lengths.recv_timeout(Duration::from_secs(5)).unwrap() - 10;
            let exact = if direction == Direction::ToServer { arrived } else { came };
            assert_eq!(u64::try_from(exact).unwrap(), bytes, "{direction:?}");
            assert_eq!(proxy.forwarded(direction) - before, bytes);
            assert!(proxy.has_cut());
        }
    }
    assert_eq!(proxy.cuts(), 10);
    assert!(exchange(&mut whole, 100_000), "it cut another as well");
}

#[test]
fn freezes_for_ever() {
    let (port, lengths) = echo();
    let proxy = Proxy::start(port);
    let mut old = client(&proxy);
    assert!(exchange(&mut old, 10));
    proxy.freeze();
    let mut young = client(&proxy);
    for stream in [&mut old, &mut young] {
        stream.write_all(b"lost").unwrap();
        is_silent(stream);
    }
    proxy.thaw();
    for stream in [&mut old, &mut young] {
        stream.write_all(b"lost").unwrap();
        is_silent(stream);
    }
    assert!(exchange(&mut client(&proxy), 10));
    assert_eq!(lengths.recv_timeout(Duration::from_secs(5)).unwrap(), 10);
    assert_eq!(proxy.forwarded(Direction::ToServer), 20);
    drop(proxy);
    assert_eq!((rest(&mut old), rest(&mut young)), (0, 0));
    assert_eq!(lengths.recv_timeout(Duration::from_secs(5)).unwrap(), 10);
}

#[test]
fn refuses_delays_and_cuts_all() {
    let (port, _lengths) = echo();
    let proxy = Proxy::start(port);
    let [mut one, mut two] = [client(&proxy), client(&proxy)];
    assert!(exchange(&mut one, 10) && exchange(&mut two, 10));
    proxy.refuse(true);
    assert_eq!(rest(&mut client(&proxy)), 0);
    assert!(exchange(&mut one, 10));
    proxy.refuse(false);
    proxy.delay(Duration::from_millis(50));
    let started = Instant::now();
    assert!(exchange(&mut two, 10));
    assert!(started.elapsed() >= Duration::from_millis(100));
    proxy.delay(Duration::ZERO);
    proxy.cut_all();
    assert_eq!((rest(&mut one), rest(&mut two), proxy.cuts(), proxy.connections()), (0, 0, 2, 2));
    assert!(exchange(&mut client(&proxy), 10));
    let port = proxy.port();
    drop(proxy);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn closes_where_nothing_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let proxy = Proxy::start(port);
    assert_eq!(rest(&mut client(&proxy)), 0);
}

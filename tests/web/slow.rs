//! Bodies that never end: a server answers each of them within its limit, and closes its connection.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

pub const LIMIT: Duration = Duration::from_secs(1);

const CONNECTIONS: usize = 200;

/// Sends one byte of a body on each of 200 connections, and waits for the server to end them.
pub async fn check(address: SocketAddr, path: &str) {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = TcpStream::connect(address).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n");
        connection.write_all(format!("{head}Content-Length: 100\r\n\r\n{{").as_bytes()).await.unwrap();
        connections.push(connection);
    }
    let started = Instant::now();
    for connection in &mut connections {
        let mut answer = Vec::new();
        let ended = timeout(LIMIT * 10, connection.read_to_end(&mut answer)).await;
        ended.expect("the connection is closed").unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&answer));
    }
    assert!(started.elapsed() < LIMIT * 10, "{:?}", started.elapsed());
}

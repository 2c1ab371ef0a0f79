//! A server or proxy that is not a plain PostgreSQL: it is in front of a real one, and says what others were
//! seen to say.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What it does differently. A code and a message each.
#[derive(Default, Clone)]
pub struct Rules {
    /// A start-up with `options` is refused; without a word if there is no code.
    pub options: Option<(&'static str, &'static str)>,
    /// So many connections are refused.
    pub refuse: Option<(u32, &'static str, &'static str)>,
    /// So many statements with this text fail.
    pub inject: Option<(&'static str, u32, &'static str, &'static str)>,
    /// Statements with this text do not go on until the rules are others.
    pub hold: Option<&'static str>,
    /// What connections with a smaller number say to every write.
    pub demoted: Option<u32>,
}

pub struct Stranger {
    pub port: u16,
    rules: Arc<Mutex<Rules>>,
    opened: Arc<Mutex<u32>>,
    seen: Seen,
}

/// What it has seen of statements that come with parameters, and of requests to cancel one.
#[derive(Clone, Default)]
struct Seen {
    /// Their names, which most have not, and their texts.
    parsed: Arc<Mutex<Vec<String>>>,
    /// How many were held.
    held: Arc<Mutex<u32>>,
    /// How many were to be cancelled.
    cancelled: Arc<Mutex<u32>>,
}

/// What a start-up begins with that asks for a statement of another connection to be cancelled.
const CANCEL_REQUEST: u32 = 80_877_102;

/// What every injected error says besides its message, as a server does of a value.
pub const DETAIL: &str = "Key (external_id)=(detail-of-a-value) already exists.";

impl Stranger {
    pub async fn start(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (rules, opened) = (Arc::<Mutex<Rules>>::default(), Arc::new(Mutex::new(0)));
        let (theirs, counted) = (Arc::clone(&rules), Arc::clone(&opened));
        let seen = Seen::default();
        let shown = seen.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = {
                    let mut opened = counted.lock().unwrap();
                    *opened += 1;
                    *opened
                };
                tokio::spawn(serve(client, upstream, Arc::clone(&theirs), shown.clone(), number));
            }
        });
        Self { port, rules, opened, seen }
    }

    pub fn behave(&self, rules: Rules) {
        *self.rules.lock().unwrap() = rules;
    }

    /// How many of the statements that were to fail have not come yet.
    pub fn left(&self) -> u32 {
        self.rules.lock().unwrap().inject.map_or(0, |(_, left, ..)| left)
    }

    /// All statements so far that came with parameters: `name|text`.
    pub fn parsed(&self) -> Vec<String> {
        self.seen.parsed.lock().unwrap().clone()
    }

    /// How many statements were held so far.
    pub fn held(&self) -> u32 {
        *self.seen.held.lock().unwrap()
    }

    /// How many requests to cancel a statement have come so far.
    pub fn cancelled(&self) -> u32 {
        *self.seen.cancelled.lock().unwrap()
    }

    /// All connections that are open now lead to a server that takes no writes any more.
    pub fn demote(&self) {
        let next = *self.opened.lock().unwrap() + 1;
        self.rules.lock().unwrap().demoted = Some(next);
    }

    /// How many connections were opened so far.
    pub fn opened(&self) -> u32 {
        *self.opened.lock().unwrap()
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://sso@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }
}

/// Counts down, and says whether there was something left.
fn take(left: &mut u32) -> bool {
    let some = *left > 0;
    *left = left.saturating_sub(1);
    some
}

async fn serve(mut client: TcpStream, upstream: u16, rules: Arc<Mutex<Rules>>, seen: Seen, number: u32) {
    let _ = client.set_nodelay(true);
    let Some(startup) = read_startup(&mut client).await else { return };
    if startup[4..8] == CANCEL_REQUEST.to_be_bytes() {
        *seen.cancelled.lock().unwrap() += 1;
    }
    let refusal = {
        let mut rules = rules.lock().unwrap();
        let options = rules.options.filter(|_| parameters(&startup).contains_key("options"));
        let refused =
            rules.refuse.as_mut().and_then(|(left, code, text)| take(left).then_some((*code, *text)));
        options.or(refused)
    };
    if let Some((code, text)) = refusal {
        if !code.is_empty() {
            let _ = client.write_all(&error("FATAL", code, text)).await;
        }
        return;
    }
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", upstream)).await else { return };
    let _ = server.set_nodelay(true);
    if server.write_all(&startup).await.is_err() {
        return;
    }
    let (mut from_server, mut to_server) = server.split();
    let (mut from_client, to_client) = client.split();
    let to_client = tokio::sync::Mutex::new(to_client);
    let answers = async {
        let mut bytes = vec![0; 65_536];
        while let Ok(read @ 1..) = from_server.read(&mut bytes).await {
            if to_client.lock().await.write_all(&bytes[..read]).await.is_err() {
                return;
            }
        }
    };
    let questions = async {
        let mut skips = false;
        while let Some(message) = read_message(&mut from_client).await {
            let kind = message[0];
            if kind == b'P' {
                let mut texts = message[5..].split(|byte| *byte == 0).map(String::from_utf8_lossy);
                let (name, text) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
                seen.parsed.lock().unwrap().push(format!("{name}|{text}"));
            }
            if matches!(kind, b'P' | b'Q')
                && !skips
                && let Some((code, text)) = objection(&rules, number, &message)
            {
                skips = kind == b'P';
                let mut answer = error("ERROR", code, text);
                if !skips {
                    answer.extend(READY);
                }
                if to_client.lock().await.write_all(&answer).await.is_err() {
                    return;
                }
                continue;
            }
            if kind == b'P' && is_held(&rules, &message) {
                *seen.held.lock().unwrap() += 1;
                while is_held(&rules, &message) {
                    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                }
            }
            if skips {
                // All up to the end of the exchange belongs to the statement that failed.
                if kind == b'S' {
                    skips = false;
                    if to_client.lock().await.write_all(READY).await.is_err() {
                        return;
                    }
                }
                continue;
            }
            if to_server.write_all(&message).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = answers => {}
        () = questions => {}
    }
}

/// Ready for a query, outside of a transaction.
const READY: &[u8] = b"Z\0\0\0\x05I";

fn objection(rules: &Mutex<Rules>, number: u32, message: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = String::from_utf8_lossy(message);
    let mut rules = rules.lock().unwrap();
    if rules.demoted.is_some_and(|since| number < since) && text.contains("INSERT INTO") {
        return Some(("25006", "cannot execute INSERT in a read-only transaction"));
    }
    let (needle, left, code, said) = rules.inject.as_mut()?;
    (text.contains(*needle) && take(left)).then_some((*code, *said))
}

fn is_held(rules: &Mutex<Rules>, message: &[u8]) -> bool {
    let needle = rules.lock().unwrap().hold;
    needle.is_some_and(|needle| String::from_utf8_lossy(message).contains(needle))
}

fn error(severity: &str, code: &str, text: &str) -> Vec<u8> {
    let fields = [("S", severity), ("V", severity), ("C", code), ("M", text), ("D", DETAIL)];
    let mut body: Vec<u8> =
        fields.iter().flat_map(|(field, value)| format!("{field}{value}\0").into_bytes()).collect();
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap();
    [&b"E"[..], &length.to_be_bytes(), &body].concat()
}

async fn read_startup(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length).await.ok()?;
    let mut rest = vec![0; u32::from_be_bytes(length) as usize - 4];
    client.read_exact(&mut rest).await.ok()?;
    Some([&length[..], &rest].concat())
}

fn parameters(startup: &[u8]) -> BTreeMap<String, String> {
    let texts = startup[8..].split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
    let texts: Vec<String> = texts.collect();
    texts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

async fn read_message(from: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let mut head = [0; 5];
    from.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
    let mut body = vec![0; length - 4];
    from.read_exact(&mut body).await.ok()?;
    Some([&head[..], &body].concat())
}

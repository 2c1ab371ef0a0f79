//! Who visits. A person is a label, from which all their identities follow.
//!
//! | label | identities |
//! |---|---|
//! | `m4` | an address alone, in changing case |
//! | `x5` | an external id whose address keeps changing |
//! | `y6a`, `y6b` | two external ids behind one address |
//! | `z7` | one address, with and without an external id |
//! | `e…` | as `x`, and erased now and then |
//! | `s…` | an external id and an address of their own |

use boostgpt_sso::{BotId, Identity, ProjectId, time::OffsetDateTime};

use crate::rng::Rng;

/// The free tier of each project. Everybody may visit each of them.
pub const CREDITS: [u32; 2] = [100, 7];
pub const PROJECTS: usize = CREDITS.len();
/// When the plan begins: 2026-11-22T12:00:00Z.
pub const START: i64 = 1_795_348_800;
/// How much later a task's next visit is, in seconds: 48 visits are a day.
pub const STEP: i64 = 1800;

pub fn project(index: usize) -> ProjectId {
    ProjectId::from_bytes([0x50 + index as u8; 16])
}

pub fn bot(index: usize) -> BotId {
    BotId::from_bytes([0xb0 + index as u8; 16])
}

pub fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

/// A label out of the crowd: half of the time of those who come about now, else of all who ever came.
pub fn random_label(rng: &mut Rng, progress: u64) -> String {
    let number = match rng.roll(2) {
        0 => progress / 2 + rng.roll(12),
        _ => rng.roll(progress / 2 + 12),
    };
    match number % 4 {
        0 => format!("m{number}"),
        1 => format!("x{number}"),
        2 => format!("y{number}{}", rng.pick(&["a", "b"])),
        _ => format!("z{number}"),
    }
}

pub fn is_erasable(label: &str) -> bool {
    label.starts_with('e')
}

/// Returns what is before the `@`, and before the point if there is one.
pub fn mailbox(label: &str) -> &str {
    if label.starts_with('y') { label.trim_end_matches(['a', 'b']) } else { label }
}

/// One of the identities of a label. Erasable people come by an address alone in the variants 2 and 3.
pub fn identity(label: &str, variant: u64) -> Identity {
    let address = match label.as_bytes()[0] {
        b'm' if variant % 2 == 1 => format!("{}@Example.COM", label.to_uppercase()),
        b'x' => format!("{label}.{}@example.com", variant % 3),
        b'e' => format!("{label}.{}@example.com", variant % 2),
        _ => format!("{}@example.com", mailbox(label)),
    };
    let mut identity = Identity::new(&address).unwrap();
    if !variant.is_multiple_of(3) {
        identity = identity.with_name(&format!("Person {}", variant % 5)).unwrap();
    }
    let is_anonymous = match label.as_bytes()[0] {
        b'm' => true,
        b'z' => variant.is_multiple_of(2),
        b'e' => variant >= 2,
        _ => false,
    };
    if is_anonymous { identity } else { identity.with_external_id(label).unwrap() }
}

/// The label of whom the database knows by these.
pub fn label_of(email: Option<&str>, external_id: Option<&str>) -> String {
    let local = |email: &str| email.split(['@', '.']).next().unwrap_or_default().to_lowercase();
    external_id.map(str::to_owned).or_else(|| email.map(local)).unwrap_or_default()
}

/// Whether an account under this e-mail key may be that label's.
pub fn may_have_account(label: &str, email_key: &str) -> bool {
    email_key.split(['@', '.']).next() == Some(mailbox(label))
}

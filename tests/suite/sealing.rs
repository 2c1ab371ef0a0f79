//! Secrets at rest, without a database: what a sealed value gives away, and what opens it.

use std::collections::HashSet;

use boostgpt_sso::{
    BotId, ProjectId, SecretVersion,
    store::{KeyId, MasterKey, NameKey, Sealed, SealingError},
};

use crate::support::{SECRET, bot, secret};

const NONCE: usize = 24;
const TAG: usize = 16;

fn key() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

fn version(byte: u8) -> SecretVersion {
    SecretVersion::from_bytes([byte; 16])
}

/// A nonce that is used twice under one key tells what two secrets have in common.
#[test]
fn every_nonce_is_random() {
    const TIMES: usize = 64;
    let sealed: Vec<Vec<u8>> =
        (0..TIMES).map(|_| key().seal_secret(bot(), version(1), &secret()).unwrap().bytes).collect();
    let nonces: HashSet<_> = sealed.iter().map(|bytes| &bytes[..NONCE]).collect();
    assert_eq!(nonces.len(), TIMES);
    // All of its bytes, and no counter: each place has many values.
    for place in 0..NONCE {
        let values: HashSet<_> = sealed.iter().map(|bytes| bytes[place]).collect();
        assert!(values.len() > TIMES / 3, "byte {place} of {TIMES} nonces has {} values", values.len());
    }
    // The nonce is what was used: the same value is another text each time.
    let texts: HashSet<_> = sealed.iter().map(|bytes| &bytes[NONCE..]).collect();
    assert_eq!(texts.len(), TIMES);
}

#[test]
fn a_sealed_secret_is_as_long_as_it_must_be_and_shows_nothing() {
    let sealed = key().seal_secret(bot(), version(1), &secret()).unwrap();
    assert_eq!((sealed.key, sealed.bytes.len()), (key().id(), NONCE + SECRET.len() + TAG));
    for part in SECRET.as_bytes().windows(4) {
        assert!(!sealed.bytes.windows(4).any(|bytes| bytes == part));
    }
}

#[test]
fn a_secret_opens_for_its_bot_its_version_and_its_key_alone() {
    let sealed = key().seal_secret(bot(), version(1), &secret()).unwrap();
    assert_eq!(key().open_secret(bot(), version(1), &sealed).unwrap(), secret());
    for (bot, version) in [(BotId::from_bytes([1; 16]), version(1)), (bot(), version(2))] {
        assert_eq!(key().open_secret(bot, version, &sealed).map(drop), Err(SealingError::Damaged));
    }
    // Versions that were numbers are 4 bytes in what they seal: such a value opens for no other id that ends
    // with them.
    let (number, longer) = ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], [9, 0, 0, 0]);
    let old = SecretVersion::from_bytes(number);
    let sealed_old = key().seal_secret(bot(), old, &secret()).unwrap();
    let mut other = number;
    other[..4].copy_from_slice(&longer);
    let other = SecretVersion::from_bytes(other);
    assert_eq!(key().open_secret(bot(), other, &sealed_old).map(drop), Err(SealingError::Damaged));

    let unknown = MasterKey::from_bytes([8; 32]);
    let expected = SealingError::UnknownKey { sealed_with: key().id(), first_held: unknown.id() };
    assert_eq!(unknown.open_secret(bot(), version(1), &sealed).map(drop), Err(expected));
    // Under the id of another key it does not open either.
    let renamed = Sealed { key: unknown.id(), ..sealed.clone() };
    assert_eq!(unknown.open_secret(bot(), version(1), &renamed).map(drop), Err(SealingError::Damaged));
    let rotated = MasterKey::from_bytes([8; 32]).with_previous([7; 32]);
    assert_eq!(rotated.open_secret(bot(), version(1), &sealed).unwrap(), secret());
    // The first key seals, the others only open.
    assert_eq!(rotated.seal_secret(bot(), version(1), &secret()).unwrap().key, unknown.id());
    assert_eq!(rotated.id(), unknown.id());
}

#[test]
fn a_changed_or_shortened_value_does_not_open() {
    let sealed = key().seal(b"purpose", b"value").unwrap();
    assert_eq!(*key().open(b"purpose", &sealed).unwrap(), b"value");
    assert_eq!(key().open(b"another", &sealed).map(drop), Err(SealingError::Damaged));
    for place in 0..sealed.bytes.len() {
        let mut changed = sealed.clone();
        changed.bytes[place] ^= 1;
        assert_eq!(key().open(b"purpose", &changed).map(drop), Err(SealingError::Damaged), "byte {place}");
        let shorter = Sealed { bytes: sealed.bytes[..place].to_vec(), ..sealed.clone() };
        assert_eq!(key().open(b"purpose", &shorter).map(drop), Err(SealingError::Damaged), "{place} bytes");
    }
    // What opens and is no secret is damage as well.
    for value in [&b"short"[..], &[0xff; 64]] {
        let context = [&b"bot secret"[..], bot().as_bytes(), version(1).as_bytes()].concat();
        let sealed = key().seal(&context, value).unwrap();
        assert_eq!(key().open_secret(bot(), version(1), &sealed).map(drop), Err(SealingError::Damaged));
    }
}

#[test]
fn a_key_is_read_as_64_digits_each_and_the_first_one_seals() {
    let [first, second] = ["07".repeat(32), "08".repeat(32)];
    let both: MasterKey = format!(" {first},\n{second} ").parse().unwrap();
    assert_eq!(both.id(), key().id());
    let theirs = MasterKey::from_bytes([8; 32]).seal(b"purpose", b"value").unwrap();
    assert_eq!(*both.open(b"purpose", &theirs).unwrap(), b"value");
    assert!(!both.is_none());
    for (text, expected) in [
        ("", SealingError::MalformedMasterKey),
        (&first[1..], SealingError::MalformedMasterKey),
        (&format!("{first},"), SealingError::MalformedMasterKey),
        (&format!("{first}00"), SealingError::MalformedMasterKey),
        (&first.replacen('0', "g", 1), SealingError::MalformedMasterKey),
        (&"0".repeat(64), SealingError::WeakMasterKey),
        (&format!("{first},{}", "0".repeat(64)), SealingError::WeakMasterKey),
    ] {
        assert_eq!(text.parse::<MasterKey>().map(drop), Err(expected), "{text}");
    }
}

#[test]
fn a_key_of_zeros_neither_seals_nor_opens() {
    let sealed = key().seal(b"purpose", b"value").unwrap();
    let zeros = [0; 32];
    for weak in [
        MasterKey::from_bytes(zeros),
        key().with_previous(zeros),
        MasterKey::from_bytes(zeros).with_previous([7; 32]),
    ] {
        assert_eq!(weak.seal(b"purpose", b"value").map(drop), Err(SealingError::WeakMasterKey));
        assert_eq!(weak.open(b"purpose", &sealed).map(drop), Err(SealingError::WeakMasterKey));
    }
}

#[test]
fn two_generated_keys_are_different_and_no_key_opens_or_seals_nothing() {
    let [one, other] = [(); 2].map(|()| MasterKey::generate().unwrap());
    let sealed = one.seal(b"purpose", b"value").unwrap();
    assert!(one.id() != other.id() && other.open(b"purpose", &sealed).is_err());
    let none = MasterKey::none();
    assert!(none.is_none() && !one.is_none());
    assert_eq!(none.id(), KeyId([0; 8]));
    assert_eq!(none.seal(b"purpose", b"value").map(drop), Err(SealingError::NoMasterKey));
    assert_eq!(none.open(b"purpose", &sealed).map(drop), Err(SealingError::NoMasterKey));
}

#[test]
fn debug_shows_ids_of_keys_alone() {
    let both = MasterKey::from_bytes([0x5a; 32]).with_previous([0x6b; 32]);
    let shown = format!("{both:?}");
    assert_eq!(shown, format!("[KeyId({}), {:?}]", both.id(), MasterKey::from_bytes([0x6b; 32]).id()));
    assert!(!shown.contains(&"5a".repeat(4)) && !shown.contains("90, 90"), "{shown}");
    let names = NameKey::open(&NameKey::generate(&both).unwrap(), &both).unwrap();
    assert_eq!(format!("{names:?}"), "NameKey(..)");
}

/// Nothing that stays of the forgotten can be joined with another row.
#[test]
fn hashes_of_a_name_differ_by_project_kind_key_and_account() {
    let email = |text| boostgpt_sso::Email::new(text).unwrap();
    let (here, there) = (ProjectId::from_bytes([1; 16]), ProjectId::from_bytes([2; 16]));
    let sealed = NameKey::generate(&key()).unwrap();
    let names = NameKey::open(&sealed, &key()).unwrap();
    let other = NameKey::open(&NameKey::generate(&key()).unwrap(), &key()).unwrap();
    let ada = email("ada@example.com");
    let hashes = [
        names.email(here, ada),
        names.email(there, ada),
        names.account(ada),
        names.external_id(here, "ada@example.com"),
        names.external_id(there, "ada@example.com"),
        names.email(here, email("eve@example.com")),
        other.email(here, ada),
        other.account(ada),
        other.external_id(here, "ada@example.com"),
    ];
    assert_eq!(hashes.iter().collect::<HashSet<_>>().len(), hashes.len());
    assert!(hashes.iter().all(|hash| *hash != [0; 16]));
    // By the e-mail key, under any master key that opens it.
    assert_eq!(names.email(here, email("ADA@example.com")), hashes[0]);
    assert_eq!(names.account(email("ADA@example.com")), hashes[2]);
    assert_ne!(names.external_id(here, "ADA@example.com"), hashes[3]);
    let rotated = MasterKey::from_bytes([8; 32]).with_previous([7; 32]);
    let resealed = NameKey::reseal(&sealed, &rotated).unwrap();
    assert_eq!(resealed.key, rotated.id());
    let again = NameKey::open(&resealed, &MasterKey::from_bytes([8; 32])).unwrap();
    assert_eq!(again.email(here, ada), hashes[0]);
}

//! Ids: UUIDs as text, and new ones in the order of time.

use boostgpt_sso::{BotId, IdError};

use crate::support::*;

#[test]
fn a_bot_id_is_a_uuid_in_either_case() {
    for text in [BOT, &BOT.to_uppercase()] {
        assert_eq!(text.parse::<BotId>().unwrap().to_string(), BOT);
    }
    assert_eq!(BotId::from_bytes(*bot().as_bytes()), bot());
    assert_eq!(serde_json::to_string(&bot()).unwrap(), format!("\"{BOT}\""));
    assert_eq!(format!("{:?}", bot()), format!("BotId({BOT})"));
    let no_hyphens = BOT.replace('-', "");
    let moved = format!("{}-{}", &BOT[..7], &BOT[7..].replacen('-', "", 1));
    assert_eq!(moved.len(), 36);
    for text in [
        "",
        "YOUR_BOT_UUID",
        &no_hyphens,
        &moved,
        &format!(" {BOT}"),
        &format!("{BOT}0"),
        &format!("{{{BOT}}}"),
        &BOT.replace('9', "g"),
        &BOT.replace('9', "-"),
        &BOT.replacen('-', "0", 1),
        &BOT[..35],
        &BOT.replace("0192", "\u{e4}\u{e4}"),
    ] {
        assert_eq!(text.parse::<BotId>(), Err(IdError), "{text}");
    }
}

#[cfg(feature = "store")]
#[test]
fn new_ids_are_of_version_7_and_in_the_order_of_time() {
    use boostgpt_sso::{SubscriberId, time::OffsetDateTime};
    let milliseconds = || OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
    let mut every_bit = [0_u8; 16];
    let mut no_bit = [0xff_u8; 16];
    let mut last = None;
    for _ in 0..200 {
        let before = milliseconds();
        let id = SubscriberId::generate().unwrap();
        let after = milliseconds();
        let bytes = id.as_bytes();
        let mut time = [0; 16];
        time[10..].copy_from_slice(&bytes[..6]);
        assert!((before..=after).contains(&i128::from_be_bytes(time)), "its first 48 bits are the time");
        assert_eq!((bytes[6] >> 4, bytes[8] >> 6), (0b0111, 0b10), "version and variant");
        for (i, byte) in bytes.iter().enumerate() {
            every_bit[i] |= byte;
            no_bit[i] &= byte;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
        assert!(last < Some(id), "later ids are greater");
        last = Some(id);
    }
    // All bits behind the time are random but the six of version and variant.
    assert_eq!(every_bit[6..], [0x7f, 0xff, 0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assert_eq!(no_bit[6..], [0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]);
}

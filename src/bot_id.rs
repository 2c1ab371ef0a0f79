//! The id of a bot (the dashboard says *agent*): a UUID, as the widget's `botId` takes it.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// The id of one agent: what the widget calls `botId`, a UUID [RFC 9562].
///
/// Parsed from the usual text of 8-4-4-4-12 hexadecimal digits in either case, and written in lower case.
///
/// ```
/// use boostgpt_sso::BotId;
///
/// let bot: BotId = "0192F0C1-2D3E-7F40-8A5B-6C7D8E9FA0B1".parse()?;
/// assert_eq!(bot.to_string(), "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1");
/// # Ok::<(), boostgpt_sso::BotIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BotId([u8; 16]);

impl BotId {
    /// The id with these 16 bytes, in the order in which its text is written.
    ///
    /// ```
    /// # use boostgpt_sso::BotId;
    /// assert_eq!(BotId::from_bytes([0xab; 16]).to_string(), "abababab-abab-abab-abab-abababababab");
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for BotId {
    type Err = BotIdError;

    fn from_str(text: &str) -> Result<Self, BotIdError> {
        let hyphen = |position: usize| matches!(position, 8 | 13 | 18 | 23);
        if text.len() != 36 || text.bytes().enumerate().any(|(i, byte)| hyphen(i) != (byte == b'-')) {
            return Err(BotIdError);
        }
        let mut bytes = [0; 16];
        hex::decode_to_slice(text.replace('-', ""), &mut bytes).map_err(|_| BotIdError)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for BotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for BotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BotId({self})")
    }
}

impl Serialize for BotId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is no [`BotId`].
///
/// ```
/// use boostgpt_sso::{BotId, BotIdError};
///
/// assert_eq!("YOUR_BOT_UUID".parse::<BotId>(), Err(BotIdError));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a bot id: copy the agent's UUID (8-4-4-4-12 hexadecimal digits) from its Deploy page")]
pub struct BotIdError;

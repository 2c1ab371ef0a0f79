//! Ids: UUIDs [RFC 9562], each of a type of its own, so that one cannot be taken for another.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

#[cfg(feature = "store")]
pub use self::generated::GeneratorError;
use crate::coded::coded_error;

/// The text is not an id: not a UUID of 8-4-4-4-12 hexadecimal digits.
///
/// ```
/// use boostgpt_sso::{BotId, IdError};
///
/// assert_eq!("YOUR_BOT_UUID".parse::<BotId>(), Err(IdError));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: copy the whole UUID (8-4-4-4-12 hexadecimal digits); a bot's is on its Deploy page")]
pub struct IdError;

coded_error! {
    IdError { Self => "invalid_id" }
}

/// A UUID newtype: its text in either case and out in lower case, its bytes, and nothing else.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes the id of these 16 bytes, in the order in which its text is written.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Returns its 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Generates an id, later in order than those made before (version 7): from the system's clock
            /// and 74 bits of the operating system's generator.
            ///
            /// # Errors
            /// [`GeneratorError`].
            #[cfg(feature = "store")]
            pub fn generate() -> Result<Self, GeneratorError> {
                generated::version_7().map(Self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                read_uuid(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_uuid(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

id! {
    /// The id of one agent: what the widget calls `botId`, a UUID.
    ///
    /// ```
    /// use boostgpt_sso::BotId;
    ///
    /// let bot: BotId = "0192F0C1-2D3E-7F40-8A5B-6C7D8E9FA0B1".parse()?;
    /// assert_eq!(bot.to_string(), "0192f0c1-2d3e-7f40-8a5b-6c7d8e9fa0b1");
    /// # Ok::<(), boostgpt_sso::IdError>(())
    /// ```
    BotId
}

#[cfg(feature = "store")]
id! {
    /// The id of a project, which owns agents and subscribers.
    ProjectId
}

#[cfg(feature = "store")]
id! {
    /// The id of an account: the person across BoostGPT, one per e-mail key.
    AccountId
}

#[cfg(feature = "store")]
id! {
    /// The id of a subscriber: the person within one project. History and memory belong to it.
    SubscriberId
}

#[cfg(feature = "store")]
id! {
    /// The version of a bot's secret: a new id with every regeneration and removal.
    ///
    /// It has 74 random bits, so no version ever names two secrets, not even after the store was restored
    /// from a backup.
    SecretVersion
}

fn read_uuid(text: &str) -> Result<[u8; 16], IdError> {
    let hyphen = |position: usize| matches!(position, 8 | 13 | 18 | 23);
    if text.len() != 36 || text.bytes().enumerate().any(|(i, byte)| hyphen(i) != (byte == b'-')) {
        return Err(IdError);
    }
    let mut digits = [0; 32];
    for (place, digit) in digits.iter_mut().zip(text.bytes().filter(|byte| *byte != b'-')) {
        *place = digit;
    }
    let mut bytes = [0; 16];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| IdError)?;
    Ok(bytes)
}

fn write_uuid(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (position, byte) in bytes.iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

#[cfg(feature = "store")]
mod generated {
    use std::io;

    use rand::{TryRng, rngs::SysRng};

    use crate::{clock, coded::coded_error};

    /// The operating system's random number generator failed, so there is no new id.
    #[derive(thiserror::Error)]
    #[error("the operating system's random number generator failed: try again, or look at the machine")]
    pub struct GeneratorError(#[source] pub(crate) io::Error);

    coded_error! {
        GeneratorError { Self(_) => "generator" }
    }

    /// RFC 9562 section 5.7: 48 bits of milliseconds, then random bits around the version and the variant.
    pub(super) fn version_7() -> Result<[u8; 16], GeneratorError> {
        let milliseconds = clock::milliseconds();
        let mut random = [0; 16];
        SysRng.try_fill_bytes(&mut random).map_err(|error| GeneratorError(io::Error::other(error)))?;
        let random = u128::from_be_bytes(random);
        let layout = (u128::from(milliseconds) << 80) | (0x7 << 76) | (0b10 << 62);
        let random = random & !((0xffff_ffff_ffff << 80) | (0xf << 76) | (0b11 << 62));
        Ok((layout | random).to_be_bytes())
    }
}

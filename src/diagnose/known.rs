//! The secrets that the doctor knows, and whose they are.

use super::{mistake::Mistake, work::same};
use crate::{id::BotId, secret::SsoSecret};

/// Everything that is known about the secret of a token.
pub(super) struct Known<'a> {
    pub(super) current: Option<&'a SsoSecret>,
    pub(super) previous: &'a [SsoSecret],
    pub(super) others: &'a [(BotId, SsoSecret)],
    pub(super) bot: Option<BotId>,
}

/// A secret, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct KnownSecret<'a> {
    pub(super) secret: &'a SsoSecret,
    owner: Owner,
}

#[derive(Clone, Copy)]
enum Owner {
    Bot,
    BotBefore,
    OtherBot(BotId),
}

impl<'a> Known<'a> {
    /// All of them, the bot's current one first.
    pub(super) fn secrets(&self) -> impl Iterator<Item = KnownSecret<'a>> {
        let current = self.current.map(|secret| KnownSecret { secret, owner: Owner::Bot });
        current.into_iter().chain(self.foreign())
    }

    /// Those with which no token of this bot may be signed.
    pub(super) fn foreign(&self) -> impl Iterator<Item = KnownSecret<'a>> {
        let previous = self.previous.iter().map(|secret| KnownSecret { secret, owner: Owner::BotBefore });
        let others = self.others.iter();
        previous.chain(others.map(|(bot, secret)| KnownSecret { secret, owner: Owner::OtherBot(*bot) }))
    }

    /// The bots whose ids are known.
    pub(super) fn bots(&self) -> impl Iterator<Item = BotId> {
        self.bot.into_iter().chain(self.others.iter().map(|(bot, _)| *bot))
    }

    /// The secret that this text is, in any case of letters. The time it takes does not depend on how much fits.
    pub(super) fn equal_to(&self, text: &str) -> Option<KnownSecret<'a>> {
        let folded = |text: &str| zeroize::Zeroizing::new(text.to_ascii_lowercase());
        let text = folded(text);
        let equals =
            |known: &KnownSecret<'_>| same(folded(known.secret.expose_secret()).as_bytes(), text.as_bytes());
        self.secrets().find(equals)
    }
}

impl KnownSecret<'_> {
    /// The mistake of signing with this secret, unless it is the right one.
    pub(super) const fn mistake(&self) -> Option<Mistake> {
        match self.owner {
            Owner::Bot => None,
            Owner::BotBefore => Some(Mistake::PreviousSecret),
            Owner::OtherBot(_) => Some(Mistake::OtherBotsSecret),
        }
    }

    /// What it is, with its fingerprint.
    pub(super) fn words(&self) -> String {
        let fingerprint = self.secret.fingerprint();
        match self.owner {
            Owner::Bot => format!("the secret (fingerprint {fingerprint})"),
            Owner::BotBefore => format!("the previous secret (fingerprint {fingerprint})"),
            Owner::OtherBot(bot) => format!("the secret of bot {bot} (fingerprint {fingerprint})"),
        }
    }
}

//! The planted faults: each changes one thing of the protocol, and must break a promise.

/// One thing that is done wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// `provision` does not look at the secret's version at all.
    NoVersionCheck,
    /// `provision` looks at the version when it reads, and not in the step that writes.
    VersionCheckedBefore,
    /// Who holds a name is looked at before the insert, and not in the step that writes.
    NamesCheckedBefore,
    /// When a name was forgotten is looked at before the insert, and not in the step that writes.
    ErasureCheckedBefore,
    /// A write of unknown outcome is repeated as it was, instead of read and decided again.
    BlindRetry,
    /// The version is a number that is counted up, without a random part.
    CountedVersions,
    /// A regeneration does not compare the version that it has read.
    BlindRegeneration,
    /// `forget` keeps no line.
    ErasureNotKept,
    /// `forget` writes its own time, even if that is earlier than the last one.
    ErasureMovesBack,
    /// Accounts have no unique key: one that the snapshot does not show is inserted.
    NoUniqueAccount,
    /// The account is created by a statement of its own, before the others.
    AccountOutside,
    /// A change does not compare the subscriber's revision.
    NoRevision,
    /// A statement that comes too late for a name is not undone.
    NoGuard,
    /// A subscriber who comes again after an erasure is granted the free tier again.
    GrantedAgain,
    /// A name that a new subscriber's token has and does not take is looked at, but not met in its row.
    NameNotMet,
    /// The cache believes a bad signature without asking again.
    CacheNeverAsks,
    /// A read counts from its end, so the cache takes an older answer over a newer one.
    CacheTakesOlder,
    /// A visit that waits for a read takes its answer, although the read began before the visit did.
    CacheSharesOlder,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::NoVersionCheck,
        Self::VersionCheckedBefore,
        Self::NamesCheckedBefore,
        Self::ErasureCheckedBefore,
        Self::BlindRetry,
        Self::CountedVersions,
        Self::BlindRegeneration,
        Self::ErasureNotKept,
        Self::ErasureMovesBack,
        Self::NoUniqueAccount,
        Self::AccountOutside,
        Self::NoRevision,
        Self::NoGuard,
        Self::GrantedAgain,
        Self::NameNotMet,
        Self::CacheNeverAsks,
        Self::CacheTakesOlder,
        Self::CacheSharesOlder,
    ];
}

/// The promises.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Promise {
    /// One account, one subscriber, one grant.
    NoDuplicates,
    /// What was acknowledged is there.
    NoLoss,
    /// A visit is accepted by a statement that began while the token's secret was current.
    NoStaleSecret,
    /// A token from before an erasure brings nothing back.
    NoRevival,
    /// A good token is accepted, and no visitor gets another person's subscriber.
    NoWronged,
    /// Rows that belong together are there together.
    NoHalves,
    /// A version names one secret.
    OneSecretPerVersion,
    /// Every call ends.
    NoCallIsStuck,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NoDuplicates,
        Self::NoLoss,
        Self::NoStaleSecret,
        Self::NoRevival,
        Self::NoWronged,
        Self::NoHalves,
        Self::OneSecretPerVersion,
        Self::NoCallIsStuck,
    ];

    /// Returns its name in a report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoDuplicates => "no duplicates",
            Self::NoLoss => "no acknowledged loss",
            Self::NoStaleSecret => "no stale secret",
            Self::NoRevival => "no revival",
            Self::NoWronged => "no wronged identity",
            Self::NoHalves => "no halves",
            Self::OneSecretPerVersion => "one secret per version",
            Self::NoCallIsStuck => "no call is stuck",
        }
    }
}

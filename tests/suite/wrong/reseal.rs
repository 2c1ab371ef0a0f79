//! Sealing anew.

use boostgpt_sso::{
    SecretVersion,
    store::{NameKey, Sealed, StoreError},
};

use super::{
    faults::Fault::*,
    store::{Plain, pause},
};

impl Plain {
    pub async fn reseal_all(&self) -> Result<u64, StoreError> {
        let (rows, fault) = self.with(|contents| (contents.bots.clone(), contents.fault));
        if fault == Some(ResealingDoesNothing) {
            return Ok(0);
        }
        let current = self.key.id();
        let (mut count, mut left) = (0, None);
        for (bot, row) in rows {
            let Some(sealed) =
                row.sealed.filter(|sealed| sealed.key != current || fault == Some(ResealingCountsAll))
            else {
                continue;
            };
            let secret = match self.key.open_secret(bot, row.version, &sealed) {
                Ok(secret) => secret,
                Err(error) if fault == Some(ResealingStopsAtAnError) => return Err(error.into()),
                Err(error) => {
                    left = left.or(Some(error));
                    continue;
                }
            };
            pause().await;
            if fault == Some(TheSealingKeyIsASecondStep) {
                let new = self.key.seal_secret(bot, row.version, &secret)?;
                self.with(|contents| {
                    let now = contents.bots.get_mut(&bot).unwrap();
                    if now.version == row.version {
                        now.sealed = Some(Sealed { key: sealed.key, bytes: new.bytes });
                    }
                });
                pause().await;
                self.with(|contents| {
                    let now = contents.bots.get_mut(&bot).unwrap();
                    if let Some(sealed) = now.sealed.as_mut().filter(|_| now.version == row.version) {
                        sealed.key = new.key;
                    }
                });
                count += 1;
                continue;
            }
            self.with(|contents| {
                let now = contents.bots.get_mut(&bot).unwrap();
                if fault == Some(ResealingMakesNewVersions) {
                    now.version = SecretVersion::generate().unwrap();
                    now.sealed = Some(self.key.seal_secret(bot, now.version, &secret)?);
                } else if now.version == row.version || fault == Some(ResealingUndoesARegeneration) {
                    now.version = row.version;
                    now.sealed = Some(self.key.seal_secret(bot, row.version, &secret)?);
                }
                Ok::<(), StoreError>(())
            })?;
            count += 1;
            if fault == Some(ResealingEndsEarly) {
                break;
            }
        }
        self.with(|contents| {
            let old = contents.name_key.as_ref().filter(|sealed| sealed.key != current);
            if let Some(old) = old.filter(|_| fault != Some(ResealingForgetsNames)) {
                contents.name_key = Some(NameKey::reseal(old, &self.key)?);
                count += 1;
            }
            if let Some(error) = left.filter(|_| fault != Some(ResealingSwallowsErrors)) {
                return Err(error.into());
            }
            Ok(if fault == Some(ResealingCountsNothing) { 0 } else { count })
        })
    }
}

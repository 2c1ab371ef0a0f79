//! Two weeks of invented visits, for a chart with something on it. The secret that vouches for them is taken
//! away again.

use std::{error::Error, sync::Arc};

use boostgpt_sso::{
    Authenticator, BotId, Identity, Signer,
    store::Store,
    time::{Duration, OffsetDateTime},
};
use tokio::time::sleep;

pub(crate) async fn invent(
    store: Arc<dyn Store>,
    bot: BotId,
    now: OffsetDateTime,
) -> Result<(), Box<dyn Error>> {
    let signer = Signer::new(&store.regenerate_secret(bot).await?);
    let authenticator = Authenticator::new(Arc::clone(&store));
    for day in 0..13_u32 {
        let then = now - Duration::days(i64::from(13 - day));
        for reader in 0..14 {
            let since = reader * 7 % 13;
            if since <= day && (since == day || (reader + day) * 5 % 3 == 0) {
                let user = Identity::new(&format!("reader{reader}@example.com"))?
                    .with_name(&format!("Reader {reader}"))?
                    .with_external_id(&format!("{}", 100 + reader))?;
                authenticator.authenticate_at(bot, signer.sign_at(&user, then), then).await?;
                // The list is in the order of ids, which have the millisecond of their creation in them.
                sleep(std::time::Duration::from_millis(2)).await;
            }
        }
    }
    Ok(store.remove_secret(bot).await?)
}

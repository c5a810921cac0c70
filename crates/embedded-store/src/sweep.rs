//! Expiry: objects under the prefixes that a bucket's lifecycle names are deleted when they are old enough.

use std::{
    fs, io,
    sync::Arc,
    time::{Duration, SystemTime},
};

use s3s::dto::{ExpirationStatus, LifecycleRule};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{layout::Layout, settings::Lifecycle};

/// Between two looks; what expires is counted in days.
const EVERY: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Expires what is due, at start and every hour, until `shutdown`.
pub(crate) async fn keep(layout: Arc<Layout>, shutdown: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        let layout = layout.clone();
        let expired = tokio::task::spawn_blocking(move || expire(&layout, SystemTime::now())).await;
        match expired {
            Ok(Ok(0)) => {}
            Ok(Ok(objects)) => tracing::info!(objects, "objects that nobody completed have expired"),
            Ok(Err(error)) => tracing::warn!(%error, "objects could not be expired"),
            Err(error) => tracing::error!(%error, "the sweep ended"),
        }
    }
}

pub(crate) fn expire(layout: &Layout, now: SystemTime) -> io::Result<usize> {
    let mut expired = 0;
    for bucket in layout.buckets()? {
        let rules = match layout.read_setting::<Lifecycle>(&bucket) {
            Ok(lifecycle) => lifecycle.map(|lifecycle| lifecycle.0).unwrap_or_default(),
            Err(error) => {
                tracing::warn!(bucket, %error, "its lifecycle can't be read, so nothing in it expires");
                continue;
            }
        };
        let limits: Vec<(&str, Duration)> = rules.iter().filter_map(limit).collect();
        if limits.is_empty() {
            continue;
        }
        layout.walk(&bucket, |key, path| {
            let modified = match fs::metadata(path).and_then(|found| found.modified()) {
                Ok(modified) => modified,
                // Deleted meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(error),
            };
            let age = now.duration_since(modified).unwrap_or_default();
            if limits.iter().any(|(prefix, limit)| key.starts_with(prefix) && age >= *limit) {
                match fs::remove_file(path) {
                    Ok(()) => expired += 1,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })?;
    }
    Ok(expired)
}

/// The prefix and age of a rule that expires something.
fn limit(rule: &LifecycleRule) -> Option<(&str, Duration)> {
    let filtered = rule.filter.as_ref().and_then(|filter| filter.prefix.as_deref());
    let prefix = filtered.or(rule.prefix.as_deref())?;
    let days = u32::try_from(rule.expiration.as_ref()?.days?).ok().filter(|days| *days > 0)?;
    (rule.status.as_str() == ExpirationStatus::ENABLED).then_some((prefix, DAY * days))
}

//! Whether a server has room for one more database. How full its disk is, a server tells its superuser at most, and the
//! operator is none: so the platform team says in the class how much all databases together may take.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{sync::Mutex, time::Instant};

use super::{store, template_name};
use crate::{OperatorError, admission::Refusal, usage::quantity};

/// Sizes are asked anew after this; the server looks at every file for it.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// What is known of a server's databases. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<Option<Measured>>>);

#[derive(Clone, Copy, Debug)]
struct Measured {
    at: Instant,
    /// Of all databases, with those made since.
    bytes: u64,
    /// Of a new one.
    template: u64,
}

impl Disk {
    /// Whether there is room for one more database, where `most` bytes are all that there is.
    ///
    /// # Errors
    /// There is none, or the server does not answer.
    pub(crate) async fn check(&self, admin: &PgPool, most: u64) -> Result<(), OperatorError> {
        let mut known = self.0.lock().await;
        let fresh = known.filter(|known| known.at.elapsed() < GOOD_FOR);
        let measured = match fresh {
            Some(fresh) => fresh,
            None => {
                let sizes = store::sizes(admin, &template_name()).await;
                let (bytes, template) = sizes.map_err(OperatorError::postgres("asking how large all databases are"))?;
                Measured { at: Instant::now(), bytes, template }
            }
        };
        *known = Some(measured);
        if measured.bytes.saturating_add(measured.template) <= most {
            return Ok(());
        }
        let message = format!(
            "the class's databases take {} of {}, which leaves no room for one more",
            quantity(measured.bytes),
            quantity(most)
        );
        Err(Refusal { reason: "ClassFull", field: "spec.className", message }.into())
    }

    /// One more was made.
    pub(crate) async fn made(&self) {
        if let Some(known) = &mut *self.0.lock().await {
            known.bytes = known.bytes.saturating_add(known.template);
        }
    }
}

//! Whether the cluster can be reached: so that writers are refused at once while it can't, instead of after a time-out.

use rdkafka::{
    ClientContext,
    error::{KafkaError, RDKafkaErrorCode},
};
use tokio::sync::watch;

/// What is known of it: whether it was lost. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Reach(watch::Sender<bool>);

impl Default for Reach {
    fn default() -> Self {
        Self(watch::channel(false).0)
    }
}

impl Reach {
    /// No broker answers, as far as is known.
    pub(crate) fn is_lost(&self) -> bool {
        *self.0.borrow()
    }

    /// No broker answers.
    pub(crate) fn lose(&self) {
        if !self.0.send_replace(true) {
            tracing::warn!("Kafka does not answer: writes are refused until it does");
        }
        metrics::gauge!("threadly_log_reachable").set(0.0);
    }

    /// A broker answered.
    pub(crate) fn regain(&self) {
        if self.0.send_replace(false) {
            tracing::info!("Kafka answers again");
        }
        metrics::gauge!("threadly_log_reachable").set(1.0);
    }

    /// Waits until the cluster is lost.
    pub(crate) async fn lost(&self) {
        // This sender is alive, so there is no end.
        let _ = self.0.subscribe().wait_for(|lost| *lost).await;
    }

    /// Waits until it is not.
    pub(crate) async fn regained(&self) {
        let _ = self.0.subscribe().wait_for(|lost| !*lost).await;
    }
}

/// The producer's context: what its client says of the brokers.
pub(crate) struct Reporter(pub Reach);

impl ClientContext for Reporter {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "the producer's client");
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.0.lose();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_lost_is_lost_until_it_is_regained() {
        let reach = Reach::default();
        assert!(!reach.is_lost());
        Reporter(reach.clone()).error(KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure), "one of several");
        assert!(!reach.is_lost());
        Reporter(reach.clone()).error(KafkaError::Global(RDKafkaErrorCode::AllBrokersDown), "all");
        reach.lost().await;
        assert!(reach.is_lost());
        reach.regain();
        reach.regained().await;
        assert!(!reach.is_lost());
    }
}

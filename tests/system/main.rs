//! The house as a whole: real Kafka, real Postgres, Threadly's own programs as processes.

/// Runs tests of functions on each of their hosts.
macro_rules! on_both_hosts {
    ($($test:ident),* $(,)?) => {
        mod on_hyper {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() -> anyhow::Result<()> {
                super::$test(testkit::Host::Hyper).await
            })*
        }

        mod on_lambda {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() -> anyhow::Result<()> {
                super::$test(testkit::Host::Lambda).await
            })*
        }
    };
}

mod avatars;
mod backlog;
mod clock;
mod cluster;
mod cluster_status;
mod contract;
mod day;
mod dead_letters;
mod delivery;
mod epochs;
mod hostile;
mod hostile_sockets;
mod kills;
mod lambda;
mod matrix;
mod membership;
mod operators;
mod outages;
mod skewed_clocks;

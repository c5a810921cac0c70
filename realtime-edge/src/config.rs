//! Limits of one edge process.

use std::time::Duration;

use clap::{Args, value_parser};

/// What the edge is told beyond the host's configuration.
#[derive(Clone, Debug, Args)]
pub struct EdgeConfig {
    /// Bytes that may wait for one socket; a reader that is further behind is closed with 4408.
    #[arg(long = "edge-queue-bytes", env = "THREADLY_EDGE_QUEUE_BYTES", default_value_t = 1 << 20,
        value_parser = value_parser!(u32).range(1 << 18..))]
    pub queue_bytes: u32,
    /// Open sockets of this process; beyond, 503 `too-many-sockets`.
    #[arg(long = "edge-sockets", env = "THREADLY_EDGE_SOCKETS", default_value_t = 10_000)]
    pub sockets: u32,
    /// Open sockets of one person at this process; beyond, 429 `too-many-sockets`.
    #[arg(long = "edge-sockets-per-person", env = "THREADLY_EDGE_SOCKETS_PER_PERSON", default_value_t = 32)]
    pub sockets_per_person: u32,
    /// Bytes of recent frames kept in memory per workspace, for clients that resume.
    #[arg(long = "edge-ring-bytes", env = "THREADLY_EDGE_RING_BYTES", default_value_t = 4 << 20)]
    pub ring_bytes: u32,
    /// Bytes held in this process for clients that resume from further back than memory reaches, until they have taken
    /// them; beyond, a client has to begin anew.
    #[arg(long = "edge-resume-bytes", env = "THREADLY_EDGE_RESUME_BYTES", default_value_t = 256 << 20)]
    pub resume_bytes: u32,
    /// Seconds without a socket after which a workspace is no longer followed.
    #[arg(long = "edge-idle-seconds", env = "THREADLY_EDGE_IDLE_SECONDS", default_value_t = 60,
        value_parser = value_parser!(u32).range(1..))]
    pub idle_seconds: u32,
    /// Seconds between pings, and between two looks at whether a socket's session may go on.
    #[arg(long = "edge-ping-seconds", env = "THREADLY_EDGE_PING_SECONDS", default_value_t = 20,
        value_parser = value_parser!(u32).range(1..=600))]
    pub ping_seconds: u32,
    /// Seconds over which the ends of sockets are spread at shutdown, at most 5.
    #[arg(long = "edge-drain-seconds", env = "THREADLY_EDGE_DRAIN_SECONDS", default_value_t = 2,
        value_parser = value_parser!(u32).range(0..=5))]
    pub drain_seconds: u32,
}

impl EdgeConfig {
    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds.into())
    }

    pub(crate) fn ping(&self) -> Duration {
        Duration::from_secs(self.ping_seconds.into())
    }

    pub(crate) fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds.into())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        edge: EdgeConfig,
    }

    #[test]
    fn a_queue_takes_the_largest_frame() {
        // 20,000 characters of four bytes, and what stands around them.
        assert!(Program::try_parse_from(["edge", "--edge-queue-bytes", "100000"]).is_err());
        let program = Program::try_parse_from(["edge", "--edge-queue-bytes", "262144"]).unwrap();
        assert_eq!(program.edge.queue_bytes, 262_144);
    }
}

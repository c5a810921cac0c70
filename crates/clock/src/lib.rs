//! The clock: the one role that time belongs to. It is always on, asks the functions for what has come due, and needs to
//! know nothing of what that is. Several clocks share the work, each task under a lease.

mod ring;

use std::{collections::HashMap, convert::Infallible, str::FromStr};

use function_host::{Function, Services};
use tenancy::credentials::LoginRole;
use utoipa_axum::router::OpenApiRouter;

pub use ring::Clock;

/// The `clock` program.
#[derive(Clone, Copy, Debug)]
pub struct ClockRole;

/// What the clock is told.
#[derive(Clone, Debug, clap::Args)]
pub struct ClockConfig {
    /// Where functions take ticks: `auth=http://auth:8080,directory=http://directory:8080`.
    #[arg(long = "clock-functions", env = "THREADLY_CLOCK_FUNCTIONS")]
    pub functions: Targets,
}

/// Base URLs by function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets(pub HashMap<String, String>);

impl FromStr for Targets {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let pairs = text.split(',').filter_map(|pair| pair.trim().split_once('='));
        Ok(Self(pairs.map(|(name, url)| (name.to_owned(), url.trim_end_matches('/').to_owned())).collect()))
    }
}

impl Function for ClockRole {
    const NAME: &'static str = "clock";
    const LOGIN: LoginRole = LoginRole::Functions;
    type Config = ClockConfig;

    fn routes(services: &Services, config: &ClockConfig) -> anyhow::Result<OpenApiRouter> {
        let clock = Clock::new(services.registry.due(), services.tick_key.clone(), config.functions.clone())?;
        services.own("clock", clock.run(services.shutdown.clone()));
        Ok(OpenApiRouter::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_names_with_urls() {
        let Ok(targets) = "auth=http://a:1/, directory=http://d:2".parse::<Targets>();
        let expected = [("auth", "http://a:1"), ("directory", "http://d:2")];
        assert_eq!(targets.0, expected.map(|(name, url)| (name.to_owned(), url.to_owned())).into());
    }
}

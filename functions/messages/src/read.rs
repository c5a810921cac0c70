//! Read-your-writes, and the limits of a page.

use axum::http::HeaderValue;
use domain::{ChannelId, Cursor, Position, position::AtLeast, position::partition_of};
use event_log::{CaughtUp, projection::Target};
use function_host::{Problem, Services};
use serde::Deserialize;
use sqlx::PgPool;
use tenancy::Workspace;
use utoipa::IntoParams;

use crate::{MessageProjection, answer::position_header};

/// What a reader of a list may ask for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Items at most, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// A position or cursor that the answer must include.
    #[param(value_type = Option<String>, example = "p1.0.4711")]
    pub at_least: Option<AtLeast>,
}

impl PageQuery {
    /// The checked limit.
    pub(crate) fn limit(&self) -> Result<i64, Problem> {
        let limit = self.limit.unwrap_or(50);
        if (1..=200).contains(&limit) {
            return Ok(limit);
        }
        Err(Problem::bad_request("invalid-limit", "limit is 1 to 200").at("limit"))
    }

    /// The sequence number that the cursor stands for.
    pub(crate) fn sequence(&self) -> Result<Option<i64>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let number = cursor.strip_prefix('s').and_then(|number| number.parse().ok());
        number
            .map(Some)
            .ok_or_else(|| Problem::bad_request("invalid-cursor", "this is no nextCursor of this list").at("cursor"))
    }
}

/// The cursor that goes on after a sequence number.
pub(crate) fn next_cursor(sequence: i64) -> String {
    format!("s{sequence}")
}

/// Makes the database include `at_least` if it can, and says how far it came.
pub(crate) async fn catch_up(
    services: &Services,
    workspace: &Workspace,
    pool: &PgPool,
    channel: ChannelId,
    at_least: &AtLeast,
) -> Result<CaughtUp, Problem> {
    Ok(target(workspace, pool, channel).catch_up(&services.ranges, at_least).await?)
}

/// The answer's completeness, after catching up if the reader asked for a place.
pub(crate) async fn position(
    services: &Services,
    workspace: &Workspace,
    pool: &PgPool,
    channel: ChannelId,
    at_least: Option<&AtLeast>,
) -> Result<Option<HeaderValue>, Problem> {
    let partition = partition_of(channel.0, workspace.message_partitions);
    let from_the_start = AtLeast::Cursor(Cursor::start(workspace.epoch, workspace.message_partitions));
    let CaughtUp { next, .. } =
        catch_up(services, workspace, pool, channel, at_least.unwrap_or(&from_the_start)).await?;
    let seen = Position { epoch: workspace.epoch, partition, offset: next - 1 };
    Ok((next > 0).then(|| position_header(seen)))
}

fn target<'a>(workspace: &'a Workspace, pool: &'a PgPool, channel: ChannelId) -> Target<'a> {
    let partition = partition_of(channel.0, workspace.message_partitions);
    Target { projection: &MessageProjection, workspace, pool, partition, topic_id: None }
}

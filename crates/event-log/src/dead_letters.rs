//! Dead letters: records that a projection passed over. Each is kept in the workspace's database by the transaction that
//! passes over it, told to the `dead-letters` topic, and can be appended to the log once more.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use domain::{
    Event, Position,
    events::DeadLetter,
    ids::{TopicKind, UnknownTopicKind},
};
use sqlx::PgPool;
use tenancy::Workspace;
use uuid::Uuid;

use crate::{
    AppendError, EventLog, ProjectError, Record,
    outbox::{self, RelayError},
    projection::{ApplyError, Rejection, Target},
    store::{self, LetterRow, Rejected},
};

/// A larger record is kept in the database only: in base64 it might not fit into a record.
const TOLD_BYTES: usize = 512 * 1024;
/// Characters of a letter's reason in words.
const DETAIL: usize = 1_000;
/// Letters in one page of [`list`].
const PAGE: i64 = 500;

/// A record that was passed over.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its number in the workspace.
    pub id: i64,
    /// Which projection passed over it.
    pub projection: String,
    /// Which topic it is in.
    pub topic: String,
    /// Where it stands there.
    pub position: Position,
    /// When the broker appended it.
    pub recorded_at: DateTime<Utc>,
    /// `Undecodable` or `Rejected`.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// Its bytes.
    pub value: Vec<u8>,
    /// When it was passed over.
    pub rejected_at: DateTime<Utc>,
    /// When it was last appended once more.
    pub redriven_at: Option<DateTime<Utc>>,
}

/// Why a letter could not be redriven.
#[derive(Debug, thiserror::Error)]
pub enum RedriveError {
    /// There is none with this number.
    #[error("there is no dead letter {0}")]
    NotFound(i64),
    /// The workspace's database.
    #[error("the workspace's database refused: {0}")]
    Database(#[from] sqlx::Error),
    /// The log.
    #[error(transparent)]
    Log(#[from] AppendError),
    /// A row of another version.
    #[error("the letter names an unknown topic")]
    Topic(#[from] UnknownTopicKind),
}

/// The letters behind number `after`, oldest first, 500 at most.
///
/// # Errors
/// The database's.
pub async fn list(pool: &PgPool, after: i64) -> sqlx::Result<Vec<Letter>> {
    Ok(store::letters(pool, after, PAGE).await?.into_iter().map(Letter::from).collect())
}

/// Appends a letter's record to its partition once more; a projection that can apply it now does. Doing it twice is
/// harmless, as the first of each event counts.
///
/// # Errors
/// See [`RedriveError`]; the letter stays as it was.
pub async fn redrive(log: &EventLog, workspace: &Workspace, pool: &PgPool, id: i64) -> Result<Position, RedriveError> {
    let letter: Letter = store::letter(pool, id).await?.ok_or(RedriveError::NotFound(id))?.into();
    let topic = letter.topic.parse()?;
    let appended = log.append_again(workspace, topic, letter.position.partition, &letter.value).await?;
    store::redriven(pool, id).await?;
    Ok(appended.position)
}

impl Target<'_> {
    /// Passes over one record, and answers the next offset.
    ///
    /// # Errors
    /// Nothing was written; see [`ProjectError`].
    pub(crate) async fn pass_over(
        &self,
        record: &Record,
        rejection: Rejection,
        detail: &str,
    ) -> Result<i64, ProjectError> {
        // The record's own bytes may stand in it, and what the database refuses with them.
        let detail: String = detail.chars().filter(|c| *c != '\0').take(DETAIL).collect();
        let detail = detail.as_str();
        let mut transaction = self.advance(record.offset, record).await?;
        let (projection, topic) = (self.projection.name(), self.projection.topic());
        let row = Rejected {
            projection,
            topic,
            partition: self.sql_partition(),
            epoch: self.sql_epoch(),
            offset: record.offset,
            value: &record.value,
            time: record.time,
            reason: rejection.as_str(),
            detail,
        };
        store::reject(&mut transaction, row).await?;
        let letter = Event::DeadLetter(DeadLetter {
            projection: projection.to_owned(),
            topic: topic.as_str().to_owned(),
            epoch: self.workspace.epoch,
            partition: self.partition,
            offset: record.offset,
            reason: rejection.as_str().to_owned(),
            detail: detail.to_owned(),
            value: (record.value.len() <= TOLD_BYTES).then(|| STANDARD.encode(&record.value)),
        });
        outbox::enqueue(&mut transaction, TopicKind::DeadLetters, Uuid::nil(), &letter).await.map_err(of_outbox)?;
        let news = Event::decode(&record.value).ok().and_then(|event| self.projection.rejected(&event));
        if let Some((news, channel)) = news.and_then(|news| news.channel().map(|channel| (news, channel))) {
            outbox::enqueue(&mut transaction, topic, channel.0, &news).await.map_err(of_outbox)?;
        }
        transaction.commit().await?;
        Ok(record.offset + 1)
    }
}

fn of_outbox(error: RelayError) -> ProjectError {
    match error {
        RelayError::Database(error) => error.into(),
        error => ProjectError::Apply(ApplyError::Unreadable(error.to_string())),
    }
}

impl From<LetterRow> for Letter {
    fn from(row: LetterRow) -> Self {
        let position = Position {
            epoch: u32::try_from(row.epoch).unwrap_or_default(),
            partition: u32::try_from(row.partition).unwrap_or_default(),
            offset: row.record_offset,
        };
        Self {
            id: row.id,
            projection: row.projection,
            topic: row.topic,
            position,
            recorded_at: row.recorded_at,
            reason: row.reason,
            detail: row.detail,
            value: row.record_value,
            rejected_at: row.rejected_at,
            redriven_at: row.redriven_at,
        }
    }
}

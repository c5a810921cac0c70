//! Attempts that may fail: counted before they are made, so that many at once gain nothing, and taken back if they
//! succeed. Who failed often waits a while, and is told so before anything costly is done.

mod delay;
mod store;

use std::time::Duration;

use domain::{SessionId, UserId};
use function_host::Problem;
use sqlx::{PgConnection, PgPool};

use crate::error::AuthError;

use delay::Key;

pub(crate) use delay::{Proof, Wish};

/// What an attempt in vain is answered with, the last where a registration's password is not that of the account that it
/// repeats. Every other failure is nobody's guess.
const WRONG: [&str; 4] = ["wrong-credentials", "wrong-password", "wrong-code", "user-id-taken"];

/// An attempt under way. It has failed unless somebody says otherwise.
#[must_use]
pub(crate) struct Attempt {
    pool: PgPool,
    names: Vec<String>,
}

impl Attempt {
    /// On an account, by the address that was typed. `known`: the account has signed in from this network.
    ///
    /// # Errors
    /// 429 `too-many-attempts`.
    pub(crate) async fn on_account(pool: &PgPool, email: &str, network: &str, known: bool) -> Result<Self, Problem> {
        Self::begin(pool, delay::keys(email, network, known)).await
    }

    /// To register: what fails tells that somebody has the address.
    ///
    /// # Errors
    /// 429 `too-many-attempts`.
    pub(crate) async fn to_register(pool: &PgPool, network: &str) -> Result<Self, Problem> {
        Self::begin(pool, delay::keys_to_register(network)).await
    }

    /// By somebody who has signed in and proves once more who they are.
    ///
    /// # Errors
    /// 429 `too-many-attempts`.
    pub(crate) async fn by_session(pool: &PgPool, session: SessionId, proof: Proof) -> Result<Self, Problem> {
        Self::begin(pool, delay::keys_of_session(session, proof)).await
    }

    /// With a code, by somebody who has a right ticket for the address.
    ///
    /// # Errors
    /// 429 `too-many-attempts`.
    pub(crate) async fn by_ticket(pool: &PgPool, email: &str) -> Result<Self, Problem> {
        Self::begin(pool, delay::keys_by_ticket(email)).await
    }

    /// Counts the attempt by how it ended.
    ///
    /// # Errors
    /// The attempt's own.
    pub(crate) async fn settle<T>(self, outcome: Result<T, Problem>) -> Result<T, Problem> {
        match &outcome {
            Ok(_) => self.succeed().await,
            Err(problem) if WRONG.contains(&problem.code()) => self.fail().await,
            Err(_) => self.withdraw().await,
        }
        outcome
    }

    async fn begin(pool: &PgPool, keys: Vec<Key>) -> Result<Self, Problem> {
        let names: Vec<String> = keys.iter().map(|key| key.name.clone()).collect();
        let mut transaction = pool.begin().await?;
        store::hold(&mut transaction, &names).await?;
        let tallies = store::tallies(&mut transaction, &names).await?;
        let wait = delay::wait(&keys, |name| tallies.get(name).copied());
        if !wait.is_zero() {
            return Err(AuthError::TooManyAttempts(seconds(wait)).into());
        }
        store::count(&mut transaction, &names).await?;
        transaction.commit().await?;
        Ok(Self { pool: pool.clone(), names })
    }

    /// Counts it if it failed. Nothing is forgiven: nothing was proved.
    ///
    /// # Errors
    /// The attempt's own.
    pub(crate) async fn count_failure<T, E>(self, outcome: Result<T, E>) -> Result<T, E> {
        match &outcome {
            Ok(_) => self.withdraw().await,
            Err(_) => self.fail().await,
        }
        outcome
    }

    /// It was neither right nor wrong.
    async fn withdraw(self) {
        self.note(async |connection, names| store::take_back(connection, names, 1).await).await;
    }

    /// It was right: what failed before between the same two is forgiven, in all counts.
    async fn succeed(self) {
        let forgive = async |connection: &mut PgConnection, names: &[String]| {
            let pair = names.first().cloned().unwrap_or_default();
            let tallies = store::tallies(connection, std::slice::from_ref(&pair)).await?;
            let failures = tallies.get(&pair).map_or(0, |one| one.failures);
            store::take_back(connection, names, failures).await
        };
        self.note(forgive).await;
    }

    /// It was wrong; what is long past is forgotten on the occasion.
    async fn fail(self) {
        if let Err(error) = store::forget(&self.pool).await {
            tracing::warn!(%error, "failures of long ago can't be forgotten");
        }
    }

    /// A count that stays too high costs its owner a second: no reason to refuse what was right.
    async fn note(self, change: impl AsyncFnOnce(&mut PgConnection, &[String]) -> sqlx::Result<()>) {
        let noted = async {
            let mut transaction = self.pool.begin().await?;
            store::hold(&mut transaction, &self.names).await?;
            change(&mut transaction, &self.names).await?;
            transaction.commit().await
        };
        if let Err(error) = noted.await {
            tracing::warn!(%error, "an attempt can't be taken back");
        }
    }
}

/// Forgives what failed on an account from a network, once its owner has shown there that they have the mailbox.
pub(crate) async fn forgive(pool: &PgPool, email: &str, network: &str) {
    let names = delay::keys(email, network, false).into_iter().map(|key| key.name).collect();
    Attempt { pool: pool.clone(), names }.succeed().await;
}

/// Forgets all that names an account or a session of its: its owner is erased.
pub(crate) async fn forget_account(
    connection: &mut PgConnection,
    user: UserId,
    email: Option<&str>,
) -> sqlx::Result<()> {
    let beginnings = email.map(delay::beginnings_of_account).unwrap_or_default();
    store::erase(connection, user, &beginnings).await
}

/// Counts a wrong ticket; says which error whoever presented it gets.
pub(crate) async fn wrong_ticket(pool: &PgPool, network: &str) -> Problem {
    match Attempt::begin(pool, delay::keys_of_tickets(network)).await {
        Ok(attempt) => {
            attempt.fail().await;
            AuthError::TicketNotFound.into()
        }
        Err(problem) => problem,
    }
}

/// Whether one more letter may be asked for, to this address and from this network; if so, it counts.
pub(crate) async fn may_write(
    connection: &mut PgConnection,
    wish: Wish,
    email: &str,
    network: &str,
) -> sqlx::Result<bool> {
    let (names, quota) = (delay::names_of_letters(wish, email, network), wish.quota());
    store::hold(connection, &names).await?;
    store::count_within(connection, quota.period, &names, &[quota.to_address, quota.from_network]).await
}

fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

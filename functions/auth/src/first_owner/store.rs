//! SQL about the first owner.

use sqlx::PgPool;

/// What is known of an address.
pub(super) struct Row {
    pub(super) is_in: bool,
    pub(super) emailed: bool,
}

pub(super) async fn progress(pool: &PgPool, email: &str) -> sqlx::Result<Row> {
    sqlx::query_as!(
        Row,
        r#"select
               exists(
                   select from users where lower(email) = lower($1) and role = 'owner' and email_proved_at is not null
               ) as "is_in!",
               exists(
                   select from letters where kind = 'first-owner' and lower(recipient) = lower($1) and sent_at is not null
               ) as "emailed!""#,
        email
    )
    .fetch_one(pool)
    .await
}

/// Whether the address has had an owner's ticket. Tickets are kept for 30 days after they end.
pub(super) async fn was_invited(pool: &PgPool, email: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists(
               select from sign_in_tickets where lower(email) = lower($1) and role = 'owner' and purpose = 'sign-in'
           ) as "found!""#,
        email
    )
    .fetch_one(pool)
    .await
}

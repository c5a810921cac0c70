//! SQL of pictures that are left behind.

use domain::UserId;
use sqlx::PgConnection;

/// Every object that somebody's picture is, was, or was about to become.
pub(super) async fn leave_pictures(connection: &mut PgConnection, user: UserId) -> sqlx::Result<()> {
    sqlx::query!(
        "with announced as (delete from avatar_uploads where user_id = $1 returning digest)
         insert into avatar_leftovers (user_id, digest)
         select $1, digest from announced
         union select id, avatar_digest from users where id = $1 and avatar_digest is not null
         on conflict (user_id, digest) do update set next_at = excluded.next_at",
        user.0
    )
    .execute(connection)
    .await
    .map(drop)
}

//! What people, hands, backends and operators do.

use buckets::BucketSettings;
use domain::{WorkspaceId, ids::TopicKind};
use rand::{RngExt as _, seq::IndexedRandom as _};
use sqlx::AssertSqlSafe;
use testkit::servers::proxy::{Fault, Half};

use super::{History, PLACES, Row, Wish};
use crate::driven::Driven;

impl History {
    /// A place, with a wish or without one.
    fn place(&mut self, wished: bool) -> Option<String> {
        let names: Vec<String> = (0..PLACES)
            .map(|number| format!("p{number}"))
            .filter(|name| self.wishes.contains_key(name) == wished)
            .collect();
        names.choose(&mut self.random).cloned()
    }

    async fn row(&mut self, found: impl Fn(&Row) -> bool) -> anyhow::Result<Option<Row>> {
        let mut rows = self.rows().await?;
        rows.retain(found);
        if rows.is_empty() {
            return Ok(None);
        }
        let index = self.random.random_range(0..rows.len());
        Ok(Some(rows.swap_remove(index)))
    }

    /// One act; its name, if there was anything to do.
    pub(super) async fn act(&mut self) -> anyhow::Result<Option<&'static str>> {
        let done = match self.random.random_range(0..100) {
            0..22 => self.create(None),
            22..34 => self.change("changed", |wish, version| wish.version = version),
            34..44 => self.change("suspended or resumed", |wish, _| wish.suspended = !wish.suspended),
            44..50 => self.change("paused or resumed", |wish, _| wish.paused = !wish.paused),
            50..54 => self.change("deletion policy", |wish, _| wish.deletes = !wish.deletes),
            54..66 => self.place(true).map(|name| {
                self.wishes.remove(&name);
                "deleted"
            }),
            66..74 => {
                let retained = self.row(|row| row.state == "Retained").await?;
                let id = retained.map(|row| row.id()).transpose()?;
                id.and_then(|id| self.create(Some(id))).map(|_| "restored")
            }
            // One that was never ready may still be being made by an operator that was cut off; what that has asked for
            // comes into being after the purge.
            74..79 => self.row(|row| row.state == "Retained" && row.whole).await?.map(|row| {
                self.unwanted.send_modify(|ids| ids.extend([row.id]));
                "purged by wish"
            }),
            79..82 => self.pass_time().await?,
            82..88 => self.tamper().await?,
            88..94 => Some(self.spoil()),
            _ => Some(self.replace().await?),
        };
        if done.is_some() {
            self.want()?;
        }
        Ok(done)
    }

    fn create(&mut self, restore: Option<WorkspaceId>) -> Option<&'static str> {
        let name = self.place(false)?;
        self.version += 1;
        let wish = Wish { version: self.version, deletes: self.random.random_bool(0.5), restore, ..Wish::default() };
        self.wishes.insert(name, wish);
        Some("created")
    }

    fn change(&mut self, word: &'static str, change: impl FnOnce(&mut Wish, usize)) -> Option<&'static str> {
        let name = self.place(true)?;
        self.version += 1;
        change(self.wishes.get_mut(&name)?, self.version);
        Some(word)
    }

    /// The days of one that is deleted are over.
    async fn pass_time(&mut self) -> anyhow::Result<Option<&'static str>> {
        let Some(row) = self.row(|row| row.state == "Retained" && row.deletes && row.whole).await? else {
            return Ok(None);
        };
        sqlx::query("update control.workspaces set purge_after = now() where id = $1 and state = 'Retained'")
            .bind(row.id)
            .execute(self.lab.pool())
            .await?;
        Ok(Some("purged by time"))
    }

    /// Somebody changes by hand what is there, and it is noticed.
    async fn tamper(&mut self) -> anyhow::Result<Option<&'static str>> {
        let Some(row) = self.row(|row| row.is_active() && row.whole).await? else { return Ok(None) };
        let id = row.id()?;
        // It may just be on its way out: then there is nothing to change.
        let word = match self.random.random_range(0..3) {
            0 => {
                let _ = self.looker.set_option(id.topic(TopicKind::Messages), "retention.ms", "1234567").await;
                "a topic's option by hand"
            }
            1 => {
                let revoke = format!("revoke connect on database {} from threadly_functions", id.database());
                let _ = sqlx::query(AssertSqlSafe(revoke)).execute(self.lab.pool()).await;
                "a database's grant by hand"
            }
            _ => {
                let open = BucketSettings { origins: vec!["http://evil.example".to_owned()], tls_only: false };
                let _ = self.looker.buckets().configure(&id.bucket(), &open).await;
                "a bucket's settings by hand"
            }
        };
        self.driven.suspect(vec![row.place]);
        Ok(Some(word))
    }

    /// A backend fails, or is well again.
    fn spoil(&mut self) -> &'static str {
        let half = Half { first: self.random.random_range(0..1500), growing: self.random.random_range(0..400) };
        let fault = match self.random.random_range(0..8) {
            0..2 => Some(Fault::Refuses),
            2..4 => Some(Fault::Cuts(half)),
            4 => Some(Fault::FallsSilent(half)),
            5 => Some(Fault::Hangs),
            _ => None,
        };
        self.ways.choose(&mut self.random).into_iter().for_each(|way| way.spoil(fault));
        if fault.is_some() { "a backend fails" } else { "a backend is well" }
    }

    /// Another operator leads; the former one is cut off, or goes on until it finds out.
    async fn replace(&mut self) -> anyhow::Result<&'static str> {
        let next = Driven::start(&self.spoilt, &self.source, self.manifests()?).await?;
        self.term.send_replace(next.term.clone());
        let former = std::mem::replace(&mut self.driven, next);
        if self.random.random_bool(0.6) {
            return Ok("operator restarted");
        }
        self.former.push(former);
        Ok("operator replaced")
    }

    /// Puts something into workspaces that have nothing in them yet.
    pub(super) async fn mark(&mut self) -> anyhow::Result<()> {
        let fresh = self.row(|row| row.is_active() && row.whole).await?;
        if let Some(row) = fresh.filter(|row| !self.marked.contains_key(&row.id)) {
            // It may leave, or be closed by a hand, just now.
            if let Ok(marked) = self.looker.mark(&self.lab, &row.id()?).await {
                self.marked.insert(row.id, marked);
            }
        }
        Ok(())
    }
}

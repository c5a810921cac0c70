//! How a history begins.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use anyhow::{Context as _, bail};
use operator::{Control, bootstrap::prepare, purge::purge, term::Term};
use rand::{SeedableRng as _, rngs::StdRng};
use testkit::{TestStore, servers::proxy::Proxy};
use tokio::{
    net::lookup_host,
    sync::watch,
    time::{sleep, timeout},
};

use super::{History, LOOK, rows};
use crate::{
    driven::{Driven, class},
    lab::Lab,
    marks::Looker,
};

/// One attempt at a purge.
const PURGE_LIMIT: Duration = Duration::from_secs(20);

impl History {
    pub(super) async fn start(seed: u64) -> anyhow::Result<Self> {
        let (store, source) = (TestStore::embedded()?, format!("history-{seed}"));
        let mut lab = Lab::start_with(store).await?;
        lab.control = lab.control.with_class(class());
        let postgres = format!("{}:{}", lab.control.server().get_host(), lab.control.server().get_port());
        let s3 = lab.store.config().url.trim_start_matches("http://").to_owned();
        let mut ways = Vec::new();
        for target in [&postgres, &s3] {
            let target = lookup_host(target).await?.next().context("it has an address")?;
            ways.push(Proxy::to(target).await?);
        }
        let Ok(ways) = <[Proxy; 2]>::try_from(ways) else { bail!("there are two") };
        let mut spoilt = lab.backends.clone();
        spoilt.admin_url = spoilt.admin_url.replace(&postgres, &ways[0].address().to_string());
        spoilt.s3.url = format!("http://{}", ways[1].address());
        let spoilt = prepare(&spoilt, lab.pool().clone(), class()).await?;
        let (looker, driven) = (Looker::new(&lab)?, Driven::start(&spoilt, &source, Vec::new()).await?);
        let (term, terms) = watch::channel(driven.term.clone());
        let (unwanted, asked) = watch::channel(HashSet::new());
        let purger = tokio::spawn(keep_purging(spoilt.clone(), source.clone(), terms, asked));
        Ok(Self {
            source,
            random: StdRng::seed_from_u64(seed),
            lab,
            looker,
            ways,
            spoilt,
            driven,
            former: Vec::new(),
            term,
            wishes: BTreeMap::new(),
            unwanted,
            marked: HashMap::new(),
            version: 0,
            counts: BTreeMap::new(),
            purger,
        })
    }
}

/// Purges what is due, and what a person wants purged, as the leader of the moment.
async fn keep_purging(
    control: Control,
    source: String,
    terms: watch::Receiver<Term>,
    unwanted: watch::Receiver<HashSet<String>>,
) {
    loop {
        let rows = rows(&control.pool, &source).await.unwrap_or_default();
        let asked = unwanted.borrow().clone();
        for row in rows.iter().filter(|row| row.due || (row.state == "Retained" && asked.contains(&row.id))) {
            let (term, id) = (terms.borrow().clone(), row.id().unwrap());
            // Whatever fails is tried again.
            let _ = timeout(PURGE_LIMIT, purge(&control, &term, &id)).await;
        }
        sleep(LOOK).await;
    }
}

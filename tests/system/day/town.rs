//! Where the day happens: two companies on one house, their mail, and the identity provider that one of them trusts.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use crds::manifest::{self, Manifest};
use domain::{Role, WorkspaceId, ids::TopicKind};
use reqwest::redirect::Policy;
use sqlx::{PgPool, postgres::PgConnectOptions};
use tempfile::TempDir;
use testkit::{
    Host, Lab, Process, Program, TestWorkspace,
    servers::{Letter, LocalIssuer, SmtpSink},
    wait,
};
use threadly_tests::{event_source::EventSource, house::House};

use super::{
    ledger::Ledger,
    people::{Company, LIMIT},
};

/// What the provider's tokens are for.
pub(super) const PARTY: &str = "https://talk.globex.example";
/// Where letters lead.
const LINKS: &str = "https://talk.house.example";
/// The built-in class's partitions for messages.
const PARTITIONS: u32 = 2;
/// An operator's link.
const LINK_LIFETIME: Duration = Duration::from_hours(1);

/// Acme lets everybody in early in the morning, and then whoever has an address of its domain.
fn acme(sign_up: &str) -> String {
    format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: acme}}\nspec:\n  displayName: Acme\n  owner: {{email: ada@acme.example}}\n  signUp: {sign_up}\n"
    )
}

/// Globex lets in whom it invites and for whom its provider vouches, five people at most, who write slowly and show small
/// pictures.
fn globex(issuer: &str) -> String {
    format!(
        "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {{name: globex}}\nspec:\n  displayName: Globex\n  owner: {{email: gus@globex.example}}\n  signUp: {{mode: Invitation}}\n  limits: {{members: 5, storage: 1Ki, messagesPerSecond: 1}}\n  issuers:\n    - {{issuer: \"{issuer}\", clientId: threadly, authorizedParties: [\"{PARTY}\"], admits: Anyone}}\n"
    )
}

/// Everything that runs.
pub(super) struct Town {
    pub(super) acme: Company,
    pub(super) globex: Company,
    pub(super) issuer: LocalIssuer,
    pub(super) ledger: Arc<Ledger>,
    sink: SmtpSink,
    house: House,
    /// Of Acme and of Globex, as their operator sees them.
    pools: [PgPool; 2],
    _clock: Process,
    _source: Option<EventSource>,
    _authority: TempDir,
}

impl Town {
    pub(super) async fn open(host: Host) -> anyhow::Result<Self> {
        let (issuer, sink) = (LocalIssuer::start().await?, SmtpSink::start().await?);
        let mut lab = Lab::start().await?.on(host).await?;
        let authority = TempDir::with_prefix("threadly-issuer-")?;
        let file = authority.path().join("authority.pem");
        std::fs::write(&file, issuer.authority())?;
        let settings = [
            ("THREADLY_ISSUERS_CA", file.display().to_string()),
            ("THREADLY_ISSUERS_ALLOW_PRIVATE", issuer.address().to_owned()),
            ("THREADLY_SMTP", sink.url()),
            ("THREADLY_MAIL_FROM", "Threadly <threadly@house.example>".to_owned()),
            ("THREADLY_MAIL_LINKS", LINKS.to_owned()),
            // Everybody comes from where they say.
            ("THREADLY_TRUSTED_PROXIES", "127.0.0.0/8".to_owned()),
            ("THREADLY_REQUESTS_PER_SECOND", "500".to_owned()),
        ];
        lab.settings.extend(settings.map(|(name, value)| (name.to_owned(), value)));
        let here = provision(&lab, &acme("{mode: Open}")).await?;
        let there = provision(&lab, &globex(issuer.url())).await?;
        let mut house = House::in_workspace(lab, here.clone(), 1).await?;
        let targets = format!("auth={},directory={}", house.auth.url(), house.directory.url());
        house.lab.settings.push(("THREADLY_CLOCK_FUNCTIONS".to_owned(), targets));

        let name = if host == Host::Hyper { "hyper" } else { "lambda" };
        let ledger = Arc::new(Ledger::new(name)?);
        let bases = BTreeMap::from([
            ("auth", house.auth.url()),
            ("directory", house.directory.url()),
            ("messages", house.messages[0].url()),
            ("realtime", house.edges[0].url()),
        ]);
        // Whoever is led elsewhere sees where to; idle connections go before servers close them.
        let client = reqwest::Client::builder().redirect(Policy::none()).pool_idle_timeout(Duration::from_secs(3));
        let (acme, client) = (here.handle.clone(), client.build()?);
        let acme = Company { handle: acme, ledger: ledger.clone(), bases, client };
        let globex = Company { handle: there.handle.clone(), ..acme.clone() };
        let pools = [pool(&house.lab, &here.id).await?, pool(&house.lab, &there.id).await?];
        Ok(Self {
            acme,
            globex,
            issuer,
            ledger,
            sink,
            pools,
            _clock: house.lab.spawn(Program::Clock, "clock", "all").await?,
            _source: source(&house.lab, &there)?,
            house,
            _authority: authority,
        })
    }

    /// The operator changes Acme's manifest.
    pub(super) async fn acme_admits(&self, sign_up: &str) -> anyhow::Result<()> {
        provision(&self.house.lab, &acme(sign_up)).await.map(drop)
    }

    /// The ticket in the operator's link for a first owner.
    pub(super) async fn first_ticket(&self, company: &Company, email: &str) -> anyhow::Result<String> {
        let ticket = auth::tickets::issue(self.pool(company), email, Role::Owner, LINK_LIFETIME).await?;
        Ok(ticket.expose().to_owned())
    }

    /// As if a minute had passed since a refresh token was used, which nobody wants to wait for.
    pub(super) async fn a_minute_passes(&self, company: &Company) -> anyhow::Result<()> {
        let earlier = "update refresh_tokens set used_at = used_at - interval '1 minute'";
        sqlx::query(earlier).execute(self.pool(company)).await?;
        Ok(())
    }

    /// The letter to an address with this in its subject, once it is there.
    pub(super) async fn letter(&self, to: &str, about: &str) -> anyhow::Result<Letter> {
        let what = format!("a letter to {to} about {about}");
        let letter = wait::until(&what, LIMIT, async || {
            self.sink.letters_so_far(to).ok()?.into_iter().find(|letter| letter.subject.contains(about))
        })
        .await?;
        anyhow::ensure!(letter.html.contains("<html") && letter.from == "threadly@house.example", "{letter:?}");
        Ok(letter)
    }

    /// What is behind the link of a kind in that letter.
    pub(super) async fn secret(&self, to: &str, about: &str, kind: &str) -> anyhow::Result<String> {
        let (letter, part) = (self.letter(to, about).await?, format!("#{kind}="));
        let link = letter.link(&part).with_context(|| format!("a link with {part} in {}", letter.text))?;
        anyhow::ensure!(link.starts_with(LINKS) && letter.html.contains(link), "{link}");
        Ok(link.split_once(&part).context("a secret")?.1.to_owned())
    }

    /// How many letters an address has.
    pub(super) fn letters(&self, to: &str) -> anyhow::Result<usize> {
        Ok(self.sink.letters_so_far(to)?.len())
    }

    fn pool(&self, company: &Company) -> &PgPool {
        &self.pools[usize::from(company.handle == self.globex.handle)]
    }
}

/// What the operator does with a manifest, under a class that allows the provider on this machine.
async fn provision(lab: &Lab, text: &str) -> anyhow::Result<TestWorkspace> {
    let Some(Ok(Manifest::Workspace(manifest))) = manifest::parse("companies.yaml", text).into_iter().next() else {
        bail!("the manifest is refused: {text}");
    };
    let mut class = lab.control.class().clone();
    class.allowed.issuer_hosts = vec!["127.0.0.1".to_owned()];
    let id = operator::provision_now(&lab.control.clone().with_class(class), &manifest).await?;
    Ok(TestWorkspace { id, handle: manifest.handle().to_owned() })
}

async fn pool(lab: &Lab, id: &WorkspaceId) -> anyhow::Result<PgPool> {
    let options: PgConnectOptions = lab.admin_url.parse()?;
    Ok(PgPool::connect_with(options.database(&id.database())).await?)
}

/// What calls the projector with the other workspace's messages, where it does not follow the log itself.
fn source(lab: &Lab, workspace: &TestWorkspace) -> anyhow::Result<Option<EventSource>> {
    let Some(lambda) = &lab.lambda else { return Ok(None) };
    let topic = workspace.id.topic(TopicKind::Messages);
    EventSource::start(&lab.kafka, &topic, PARTITIONS, lambda.invoker("projector")).map(Some)
}

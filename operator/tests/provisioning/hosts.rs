//! A host name is one workspace's, whoever asked first, until it is given back.

use crds::workspace_class::Allowed;
use crds::workspace_status::HostState::{self, Pending, Taken};
use operator::class::Class;
use testkit::wait;

use crate::{
    driven::Driven,
    lab::{LIMIT, Lab, manifest, unique},
};

/// Waits until a place's names have come to this.
async fn until(driven: &Driven, name: &str, expected: &[HostState]) -> anyhow::Result<()> {
    let place = manifest(name, "")?.place();
    wait::until(&format!("{name}: {expected:?}"), LIMIT, async || {
        let words = driven.status.borrow();
        let word = words.iter().find(|word| word.place.as_ref() == Some(&place) && word.reason == "Ready")?;
        let states: Vec<HostState> = word.details.hosts.as_ref()?.iter().map(|host| host.state).collect();
        (states == expected).then_some(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_name_is_whose_asked_first_until_it_is_given_back() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let allowed = Allowed { host_suffixes: vec![".chat.example.com".to_owned()], ..Allowed::default() };
    let control = lab.control.clone().with_class(Class { allowed, ..Class::standard() });
    // Other tests share the registry's server, not the registry.
    let (older, younger) = (unique("older"), unique("younger"));
    let asking = |name: &str, hosts: &str| manifest(name, &format!("  hosts: [{hosts}]\n"));
    let (talk, both) = ("talk.chat.example.com", "talk.chat.example.com, more.chat.example.com");

    let driven = Driven::start(&control, &unique("cluster"), vec![asking(&older, talk)?]).await?;
    until(&driven, &older, &[Pending]).await?;
    driven.want(vec![asking(&older, talk)?, asking(&younger, both)?]);
    until(&driven, &younger, &[Taken, Pending]).await?;
    until(&driven, &older, &[Pending]).await?;

    // Another cluster with the same registry is as late as everybody.
    let abroad = unique("abroad");
    let other = Driven::start(&control, &unique("cluster"), vec![asking(&abroad, talk)?]).await?;
    until(&other, &abroad, &[Taken]).await?;
    drop(other);

    // Asked for no more, it is the next one's; and what a retained workspace had is free.
    driven.want(vec![asking(&older, "")?, asking(&younger, both)?]);
    until(&driven, &younger, &[Pending, Pending]).await?;
    driven.want(vec![asking(&older, both)?]);
    until(&driven, &older, &[Pending, Pending]).await
}

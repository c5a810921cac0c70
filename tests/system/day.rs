//! A day of two companies and ten people, over HTTP: everything that the API is for, once. It tells itself line by line
//! (`cargo xtask test rust -- -p threadly-tests --test system day -- --nocapture`): what is done, and by which operations.

mod channels;
mod doors;
mod invitations;
mod leaving;
mod ledger;
mod outside;
mod passwords;
mod people;
mod profiles;
mod programs;
mod sessions;
mod talk;
mod teams;
mod town;
mod walls;

use testkit::Host;

use town::Town;
use walls::Side;

async fn two_companies_and_ten_people_use_every_operation_and_see_nothing_of_each_other(
    host: Host,
) -> anyhow::Result<()> {
    let town = Town::open(host).await?;
    let [ada, ben, mut cleo, mut dan] = doors::acme(&town).await?;
    let ([gus, hana, ivo, kim], lobby) = invitations::globex(&town).await?;
    let (eve, _) = invitations::press(&town, &ada, &cleo).await?;
    let mut june = outside::june(&town).await?;
    invitations::there_is_no_room(&town, &hana).await?;

    profiles::profiles(&ada, &ben).await?;
    profiles::there_is_no_room_for_pictures(&ivo).await?;
    teams::teams(&ada, &ben, &cleo, &dan).await?;
    let general = channels::channels(&ada, &ben, &cleo, &dan).await?;
    let reply = talk::talk(&ben, &cleo, &dan, &general).await?;
    let hello = talk::slowly(&hana, &lobby).await?;
    let programs = programs::programs(&ben, &cleo, &general).await?;

    sessions::sessions(&town, &ben, &mut cleo, &dan).await?;
    sessions::guesses(&ada).await?;
    passwords::passwords(&town, &mut dan).await?;
    passwords::addresses(&town, &mut cleo).await?;
    passwords::second_factor(&cleo).await?;

    outside::vouched(&town, &mut june)?;
    let acme = Side::of(&ada, &[&ada, &ben, &cleo, &dan, &eve], &general, &reply).await?.with(&programs);
    let globex = Side::of(&gus, &[&gus, &hana, &ivo, &june, &kim], &lobby, &hello).await?;
    walls::try_over(&acme, &globex).await?;
    walls::try_over(&globex, &acme).await?;

    leaving::globex(&gus, &hana, &kim).await?;
    leaving::acme(&town, [&ada, &ben, &cleo, &dan, &eve], &general, &reply).await?;
    town.ledger.keeps_from(&town.acme.handle, &globex.words("globex.example"))?;
    town.ledger.keeps_from(&town.globex.handle, &acme.words("acme.example"))?;
    town.ledger.close()
}

on_both_hosts! {
    two_companies_and_ten_people_use_every_operation_and_see_nothing_of_each_other,
}

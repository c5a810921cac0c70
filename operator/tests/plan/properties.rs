//! From any half-done state, however often work is cut off, repetition ends in a ready workspace, and nothing that was
//! there is ever lost.

use std::collections::{BTreeMap, BTreeSet};

use crds::workspace::SignUpMode;
use domain::{WorkspaceId, ids::TopicKind};
use operator::{
    backend_watch::Pins,
    class,
    plan::{BucketState, DatabaseState, Desired, Observed, Registration, Spec, Stall, Step, plan},
};
use proptest::prelude::*;

use crate::model::{ModelBucket, ModelDatabase, ModelTopic, VERSION, World};

const MAX_ROUNDS: usize = 4;

fn id(text: &str) -> WorkspaceId {
    text.parse().unwrap()
}

fn spec(display_name: &str, suspended: bool) -> Spec {
    Spec {
        handle: "acme".parse().unwrap(),
        class_name: class::STANDARD.to_owned(),
        display_name: display_name.to_owned(),
        owner_email: "ops@acme.example".to_owned(),
        sign_up_mode: SignUpMode::Invitation,
        sign_up_domains: Vec::new(),
        suspended,
        settings: Box::default(),
        message_partitions: 2,
        namespace_uid: None,
        purge_after_days: None,
    }
}

fn any_spec() -> impl Strategy<Value = Spec> {
    (prop_oneof![Just("Acme"), Just("Acme Corp")], any::<bool>()).prop_map(|(name, suspended)| spec(name, suspended))
}

/// A world in which nothing is there, and every backend answers.
fn nothing() -> World {
    World {
        registration: None,
        retained: None,
        topics: BTreeMap::new(),
        databases: BTreeMap::new(),
        buckets: BTreeMap::new(),
        principals: false,
        users: BTreeSet::new(),
        store_answers: true,
        clock: 0,
    }
}

prop_compose! {
    /// Any subset of what provisioning makes, with a row that promises no more than there is.
    fn half_done()(
        spec in any_spec(),
        registered in any::<bool>(),
        topics in prop::collection::vec(0_u8..3, 5),
        database in 0_u8..3,
        bucket in 0_u8..3,
        bucket_recorded in any::<bool>(),
        from_before_buckets in any::<bool>(),
        old_schema in any::<bool>(),
        recorded in any::<bool>(),
        ready in any::<bool>(),
        retained in any::<bool>(),
        user in 0_u8..3,
    ) -> World {
        let own = id("aaaaaaaaaaaa");
        let mut world = World { clock: 100, ..nothing() };
        world.principals = user > 0;
        if !registered {
            return world;
        }
        for (kind, state) in TopicKind::ALL.into_iter().zip(topics) {
            if state > 0 {
                let partitions = class::partitions(kind, 2);
                world.topics.insert((own.clone(), kind), ModelTopic { partitions, ready: state == 2, content: 1 });
            }
        }
        let schema = if old_schema { VERSION - 1 } else { VERSION };
        if database > 0 {
            world.databases.insert(own.clone(), ModelDatabase { granted: database == 2, schema, content: 2 });
        }
        if bucket > 0 {
            world.buckets.insert(own.clone(), ModelBucket { configured: bucket == 2, content: 3 });
        }
        // A user may be missing whatever the row says: whoever holds the cluster may have taken it away.
        let user_made = user == 2;
        world.users.insert(own.clone());
        let mut with_bucket = world.clone();
        with_bucket.buckets.entry(own.clone()).or_insert(ModelBucket { configured: true, content: 0 }).configured = true;
        let whole = if from_before_buckets { with_bucket.is_whole(&own) } else { world.is_whole(&own) };
        if !user_made {
            world.users.clear();
        }
        let row = Registration {
            epoch: 1,
            held_on: Pins::default(),
            ready: ready && whole,
            bucket_made: bucket_recorded && bucket > 0,
            schema_version: if recorded && database > 0 { schema } else { 0 },
            id: own,
            spec,
        };
        if retained { world.retained = Some(row) } else { world.registration = Some(row) }
        world
    }
}

/// A loss of at least one of: some topics, the database, the bucket.
fn lost() -> impl Strategy<Value = ([bool; 5], bool, bool)> {
    (any::<[bool; 5]>(), any::<bool>(), any::<bool>())
        .prop_filter("something", |(topics, database, bucket)| topics.contains(&true) || *database || *bucket)
}

/// Plans and works until there is nothing to do. `cuts` says after how many steps each round is killed.
fn settle(world: &mut World, desired: &mut Desired, cuts: &[usize]) -> Result<(), Stall> {
    let mut mints = 0_usize;
    let mut cuts = cuts.iter();
    let mut rounds = 0;
    loop {
        // Every round mints anew, as the real one does.
        if let Desired::Present { minted, .. } = desired {
            mints += 1;
            *minted = id(&format!("{:b>12}", "c".repeat(mints % 12)));
        }
        let steps = plan(&world.observe(desired), desired)?;
        if steps.is_empty() {
            return Ok(());
        }
        let cut = cuts.next().map_or(usize::MAX, |cut| *cut);
        if cut == usize::MAX {
            rounds += 1;
            assert!(rounds <= MAX_ROUNDS, "no end: {steps:?}");
        }
        for step in steps.iter().take(cut) {
            world.apply(step, desired);
        }
    }
}

proptest! {
    #[test]
    fn any_half_done_state_converges_to_ready_and_loses_nothing(
        mut world in half_done(),
        spec in any_spec(),
        cuts in prop::collection::vec(0_usize..11, 0..12),
    ) {
        let before = world.contents();
        let known = world.registration.clone().or_else(|| world.retained.clone()).map(|row| row.id);
        let mut desired = Desired::Present { spec: spec.clone(), minted: id("zzzzzzzzzzzz"), accepted_loss: None };
        settle(&mut world, &mut desired, &cuts).unwrap();

        let row = world.registration.clone().unwrap();
        prop_assert!(row.ready && world.is_whole(&row.id));
        prop_assert_eq!(&row.spec, &spec);
        prop_assert_eq!(row.schema_version, VERSION);
        if let Some(known) = known {
            prop_assert_eq!(&row.id, &known, "an identity is minted once");
        }
        for content in before {
            prop_assert!(world.contents().contains(&content), "{:?} was lost", content);
        }
        prop_assert_eq!(plan(&world.observe(&desired), &desired).unwrap(), vec![]);
    }

    #[test]
    fn what_is_missing_is_made_anew_by_a_persons_word_alone_and_once(
        spec in any_spec(),
        losses in prop::collection::vec(lost(), 2),
        cuts in prop::collection::vec(0_usize..6, 0..6),
    ) {
        let mut world = nothing();
        let mut desired = Desired::Present { spec: spec.clone(), minted: id("zzzzzzzzzzzz"), accepted_loss: None };
        settle(&mut world, &mut desired, &[]).unwrap();
        for (epoch, lost) in (1..).zip(losses) {
            world.lose(lost);
            let left = world.contents();
            // Neither without a word, nor by one for another time.
            for word in [None, Some(epoch - 1), Some(epoch + 1)] {
                let mut desired = Desired::Present { spec: spec.clone(), minted: id("zzzzzzzzzzzz"), accepted_loss: word };
                prop_assert_eq!(settle(&mut world, &mut desired, &cuts).unwrap_err().reason(), "DataMissing");
                prop_assert_eq!(&world.contents(), &left);
            }
            let mut desired = Desired::Present { spec: spec.clone(), minted: id("zzzzzzzzzzzz"), accepted_loss: Some(epoch) };
            settle(&mut world, &mut desired, &cuts).unwrap();
            let row = world.registration.clone().unwrap();
            prop_assert!(row.ready && world.is_whole(&row.id));
            prop_assert_eq!(row.epoch, epoch + 1);
            for content in left {
                prop_assert!(world.contents().contains(&content), "{:?} was lost, too", content);
            }
        }
    }

    #[test]
    fn removal_keeps_all_data_and_return_brings_it_back(
        mut world in half_done(),
        cuts in prop::collection::vec(0_usize..8, 0..6),
    ) {
        let mut desired = Desired::Present { spec: spec("Acme", false), minted: id("zzzzzzzzzzzz"), accepted_loss: None };
        settle(&mut world, &mut desired, &[]).unwrap();
        let (whole, row) = (world.contents(), world.registration.clone());
        settle(&mut world, &mut Desired::Absent, &cuts).unwrap();
        prop_assert!(world.registration.is_none());
        prop_assert_eq!(&world.contents(), &whole);
        settle(&mut world, &mut desired, &cuts).unwrap();
        prop_assert_eq!(&world.contents(), &whole);
        prop_assert_eq!(world.registration, row);
    }

    #[test]
    fn what_was_ready_and_is_missing_is_never_made_anew(lost in 0_usize..7) {
        let mut world = nothing();
        let mut desired = Desired::Present { spec: spec("Acme", false), minted: id("zzzzzzzzzzzz"), accepted_loss: None };
        settle(&mut world, &mut desired, &[]).unwrap();
        let own = world.registration.clone().unwrap().id;
        match TopicKind::ALL.get(lost) {
            Some(kind) => drop(world.topics.remove(&(own, *kind))),
            None if lost == TopicKind::ALL.len() => drop(world.databases.remove(&own)),
            None => drop(world.buckets.remove(&own)),
        }
        let verdict = plan(&world.observe(&desired), &desired);
        prop_assert!(matches!(verdict, Err(Stall::DataMissing { .. })), "{verdict:?}");
    }

    #[test]
    fn without_an_object_store_everything_else_is_done_and_nobody_new_is_let_in(
        mut world in half_done(),
        cuts in prop::collection::vec(0_usize..8, 0..6),
    ) {
        let mut desired = Desired::Present { spec: spec("Acme", false), minted: id("zzzzzzzzzzzz"), accepted_loss: None };
        let row = |world: &World| world.registration.clone().or_else(|| world.retained.clone());
        let (before, buckets) = (row(&world), world.buckets.clone());
        prop_assume!(before.is_some());
        world.store_answers = false;
        settle(&mut world, &mut desired, &cuts).unwrap();
        let after = row(&world).unwrap();
        prop_assert_eq!(after.ready, before.is_some_and(|row| row.ready));
        prop_assert_eq!(after.schema_version, VERSION);
        prop_assert_eq!(&world.buckets, &buckets);

        world.store_answers = true;
        settle(&mut world, &mut desired, &cuts).unwrap();
        prop_assert!(world.is_whole(&after.id) && row(&world).unwrap().ready);
    }
}

#[test]
fn a_workspace_from_before_there_were_buckets_gets_one_and_stays_in_service() {
    let mut world = nothing();
    let mut desired = Desired::Present { spec: spec("Acme", false), minted: id("zzzzzzzzzzzz"), accepted_loss: None };
    settle(&mut world, &mut desired, &[]).unwrap();
    let own = world.registration.clone().unwrap().id;
    world.buckets.clear();
    world.registration.as_mut().unwrap().bucket_made = false;
    let steps = plan(&world.observe(&desired), &desired).unwrap();
    let expected =
        [Step::CreateBucket(own.clone()), Step::RecordBucket(own.clone()), Step::ConfigureBucket(own.clone())];
    assert_eq!(steps, expected);
    assert!(world.registration.as_ref().unwrap().ready);
    settle(&mut world, &mut desired, &[1, 1]).unwrap();
    assert!(world.is_whole(&own));
}

#[test]
fn a_bound_handle_and_class_never_change() {
    let row = Registration {
        epoch: 1,
        held_on: Pins::default(),
        id: id("aaaaaaaaaaaa"),
        spec: spec("Acme", false),
        ready: false,
        schema_version: 0,
        bucket_made: false,
    };
    let observed = Observed {
        registration: Some(row),
        retained: None,
        handle_holder: None,
        topics: Vec::new(),
        principal_due: false,
        options_due: false,
        moved: false,
        database: DatabaseState::Absent,
        bucket: BucketState::Absent,
    };
    for (changed, field) in [
        (Spec { handle: "other".parse().unwrap(), ..spec("Acme", false) }, "spec.handle"),
        (Spec { class_name: "gold".to_owned(), ..spec("Acme", false) }, "spec.className"),
    ] {
        let verdict =
            plan(&observed, &Desired::Present { spec: changed, minted: id("bbbbbbbbbbbb"), accepted_loss: None });
        assert!(matches!(verdict, Err(Stall::Immutable { field: found, .. }) if found == field), "{verdict:?}");
    }
}

#[test]
fn a_taken_handle_stalls_before_anything_is_made() {
    let observed = Observed {
        registration: None,
        retained: None,
        handle_holder: Some("default/older".to_owned()),
        topics: Vec::new(),
        principal_due: false,
        options_due: false,
        moved: false,
        database: DatabaseState::Absent,
        bucket: BucketState::Unknown,
    };
    let verdict = plan(
        &observed,
        &Desired::Present { spec: spec("Acme", false), minted: id("bbbbbbbbbbbb"), accepted_loss: None },
    );
    assert!(matches!(verdict, Err(Stall::HandleTaken { .. })));
}

#[test]
fn a_user_that_was_taken_away_is_made_again_and_nothing_else_is_done() {
    let mut world = World { principals: true, ..nothing() };
    let mut desired = Desired::Present { spec: spec("Acme", false), minted: id("zzzzzzzzzzzz"), accepted_loss: None };
    settle(&mut world, &mut desired, &[]).unwrap();
    world.users.clear();
    let own = world.registration.clone().unwrap().id;
    assert_eq!(plan(&world.observe(&desired), &desired).unwrap(), [Step::EnsurePrincipal(own)]);
}

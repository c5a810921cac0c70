//! A model of the backends for one place.

use std::collections::{BTreeMap, BTreeSet};

use domain::{WorkspaceId, ids::TopicKind};
use operator::{
    backend_watch::Pins,
    class,
    plan::{BucketState, DatabaseState, Desired, Observed, Registration, Spec, Step, TopicState},
};

pub const VERSION: i32 = schema::workspace::VERSION;

/// What is there. Contents stand for data: they are made once and must never change.
#[derive(Clone, Debug)]
pub struct World {
    pub registration: Option<Registration>,
    pub retained: Option<Registration>,
    pub topics: BTreeMap<(WorkspaceId, TopicKind), ModelTopic>,
    pub databases: BTreeMap<WorkspaceId, ModelDatabase>,
    pub buckets: BTreeMap<WorkspaceId, ModelBucket>,
    /// The class has a user of Kafka for each workspace.
    pub principals: bool,
    /// The workspaces whose users are as they should be.
    pub users: BTreeSet<WorkspaceId>,
    /// The object store answers.
    pub store_answers: bool,
    pub clock: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ModelTopic {
    pub partitions: u16,
    pub ready: bool,
    pub content: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ModelDatabase {
    pub granted: bool,
    pub schema: i32,
    pub content: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ModelBucket {
    pub configured: bool,
    pub content: u64,
}

impl World {
    pub fn observe(&self, desired: &Desired) -> Observed {
        let id = self.registration.as_ref().map(|row| &row.id);
        let topics = id.map_or_else(Vec::new, |id| {
            TopicKind::ALL
                .into_iter()
                .map(|kind| {
                    let topic = self.topics.get(&(id.clone(), kind));
                    TopicState {
                        kind,
                        partitions: topic.map_or(0, |topic| topic.partitions),
                        ready: topic.is_some_and(|topic| topic.ready),
                    }
                })
                .collect()
        });
        let database = id
            .and_then(|id| self.databases.get(id))
            .map_or(DatabaseState::Absent, |database| DatabaseState::Present { granted: database.granted });
        let bucket = match id.and_then(|id| self.buckets.get(id)) {
            _ if !self.store_answers || id.is_none() => BucketState::Unknown,
            None => BucketState::Absent,
            Some(bucket) => BucketState::Present { configured: bucket.configured },
        };
        let wants = matches!(desired, Desired::Present { .. });
        let retained = self.retained.as_ref().filter(|_| wants).map(|row| row.id.clone());
        let principal_due = wants && self.principals && id.is_none_or(|id| !self.users.contains(id));
        let registration = self.registration.clone();
        Observed {
            registration,
            retained,
            handle_holder: None,
            topics,
            principal_due,
            options_due: false,
            moved: false,
            database,
            bucket,
        }
    }

    fn row(&mut self, id: &WorkspaceId) -> &mut Registration {
        self.registration.as_mut().filter(|row| row.id == *id).expect("a step works on the active row")
    }

    /// As the real steps: what is there already is left alone.
    pub fn apply(&mut self, step: &Step, desired: &Desired) {
        self.clock += 1;
        let clock = self.clock;
        let spec = match desired {
            Desired::Present { spec, .. } => Some(spec.clone()),
            Desired::Absent => None,
        };
        match step {
            Step::Register(id) => {
                assert!(self.registration.is_none());
                let spec = spec.unwrap();
                let id = id.clone();
                self.registration = Some(Registration {
                    id,
                    spec,
                    ready: false,
                    schema_version: 0,
                    bucket_made: false,
                    epoch: 1,
                    held_on: Pins::default(),
                });
            }
            Step::Restore(id) => {
                let row = self.retained.take().filter(|row| row.id == *id).unwrap();
                assert!(self.registration.replace(row).is_none());
            }
            Step::UpdateSpec(id) => {
                let partitions = self.row(id).spec.message_partitions;
                self.row(id).spec = Spec { message_partitions: partitions, ..spec.unwrap() };
            }
            Step::Retain(id) => {
                self.row(id);
                self.retained = self.registration.take();
            }
            Step::AcceptLoss { id, epoch, database, bucket } => {
                let row = self.row(id);
                assert_eq!(row.epoch, *epoch);
                row.epoch += 1;
                row.ready = false;
                row.bucket_made &= !bucket;
                if *database {
                    row.schema_version = 0;
                }
            }
            Step::ConfigureTopics(_) | Step::RecordBackends(_) => {}
            Step::CreateTopics(id, kinds) => {
                let messages = self.row(id).spec.message_partitions;
                for kind in kinds {
                    let partitions = class::partitions(*kind, messages);
                    self.topics.entry((id.clone(), *kind)).or_insert(ModelTopic {
                        partitions,
                        ready: false,
                        content: clock,
                    });
                }
            }
            Step::EnsurePrincipal(id) => {
                assert!(self.principals, "nobody asked for it");
                let own = self.row(id).id.clone();
                self.users.insert(own);
            }
            Step::AwaitTopicLeaders(id) => {
                for kind in TopicKind::ALL {
                    self.topics.get_mut(&(id.clone(), kind)).expect("awaited topics were made").ready = true;
                }
            }
            Step::CreateDatabase(id) => {
                let fresh = ModelDatabase { granted: false, schema: VERSION, content: clock };
                self.databases.entry(id.clone()).or_insert(fresh);
            }
            Step::GrantDatabase(id) => self.databases.get_mut(id).unwrap().granted = true,
            Step::RecordSchema(id) => {
                assert_eq!(self.databases[id].schema, VERSION, "only what is there is recorded");
                self.row(id).schema_version = VERSION;
            }
            Step::MigrateDatabase(id) => {
                let database = self.databases.get_mut(id).unwrap();
                assert!(database.granted, "a closed database can't be migrated");
                database.schema = VERSION;
                self.row(id).schema_version = VERSION;
            }
            Step::CreateBucket(id) => {
                assert!(!self.row(id).bucket_made, "a bucket that was there is made anew");
                let fresh = ModelBucket { configured: false, content: clock };
                self.buckets.entry(id.clone()).or_insert(fresh);
            }
            Step::RecordBucket(id) => {
                assert!(self.buckets.contains_key(id), "only what is there is recorded");
                self.row(id).bucket_made = true;
            }
            Step::ConfigureBucket(id) => self.buckets.get_mut(id).unwrap().configured = true,
            Step::MarkReady(id) => {
                assert!(self.is_whole(id), "ready before everything is there");
                self.row(id).ready = true;
            }
        }
    }

    /// Somebody's hand takes these of the active workspace: of the topics, the database, the bucket.
    pub fn lose(&mut self, (topics, database, bucket): ([bool; 5], bool, bool)) {
        let id = self.registration.as_ref().unwrap().id.clone();
        for (kind, lost) in TopicKind::ALL.into_iter().zip(topics) {
            if lost {
                self.topics.remove(&(id.clone(), kind));
            }
        }
        if database {
            self.databases.remove(&id);
        }
        if bucket {
            self.buckets.remove(&id);
        }
    }

    pub fn is_whole(&self, id: &WorkspaceId) -> bool {
        TopicKind::ALL.into_iter().all(|kind| self.topics.get(&(id.clone(), kind)).is_some_and(|topic| topic.ready))
            && self.databases.get(id).is_some_and(|database| database.granted && database.schema == VERSION)
            && self.buckets.get(id).is_some_and(|bucket| bucket.configured)
            && (!self.principals || self.users.contains(id))
    }

    /// Everything that holds data.
    pub fn contents(&self) -> Vec<(String, u64)> {
        let topics = self.topics.iter().map(|((id, kind), topic)| (id.topic(*kind), topic.content));
        let databases = self.databases.iter().map(|(id, database)| (id.database(), database.content));
        let buckets = self.buckets.iter().map(|(id, bucket)| (id.bucket(), bucket.content));
        topics.chain(databases).chain(buckets).collect()
    }
}

//! The functions and edges of a small installation, each as a process of its own.

use domain::ids::TopicKind;
use testkit::{Host, Lab, Process, Program, TestWorkspace};

use crate::event_source::EventSource;

/// Of the `messages` topic of a test's workspace.
const PARTITIONS: u32 = 2;

/// Two of what carries the load: function processes, edges; one projector, as the issue of the day may kill any.
pub struct House {
    /// The servers and the registry.
    pub lab: Lab,
    /// The workspace that everybody shares.
    pub workspace: TestWorkspace,
    /// Signs people in.
    pub auth: Process,
    /// Keeps channels and members.
    pub directory: Process,
    /// Take posts.
    pub messages: Vec<Process>,
    /// Projects.
    pub projector: Process,
    /// Hold sockets.
    pub edges: Vec<Process>,
    /// What calls the projector, where it does not follow the log itself.
    _source: Option<EventSource>,
}

impl House {
    /// Starts everything: `width` message functions and `width` edges.
    ///
    /// # Errors
    /// Something does not become ready.
    pub async fn start(name: &str, width: usize) -> anyhow::Result<Self> {
        Self::start_on(Lab::start().await?, name, width).await
    }

    /// The same with functions on a chosen host.
    ///
    /// # Errors
    /// Something does not become ready.
    pub async fn hosted(host: Host, name: &str, width: usize) -> anyhow::Result<Self> {
        Self::start_on(Lab::start().await?.on(host).await?, name, width).await
    }

    /// The same on servers that were chosen before.
    ///
    /// # Errors
    /// Something does not become ready.
    pub async fn start_on(lab: Lab, name: &str, width: usize) -> anyhow::Result<Self> {
        let workspace = lab.workspace(name).await?;
        Box::pin(Self::in_workspace(lab, workspace, width)).await
    }

    /// The same around a workspace that there is.
    ///
    /// # Errors
    /// Something does not become ready.
    pub async fn in_workspace(lab: Lab, workspace: TestWorkspace, width: usize) -> anyhow::Result<Self> {
        let (mut messages, mut edges) = (Vec::new(), Vec::new());
        for index in 0..width {
            messages.push(lab.spawn(Program::Messages, &format!("messages-{index}"), "http").await?);
            edges.push(lab.spawn(Program::Edge, &format!("edge-{index}"), "http").await?);
        }
        Ok(Self {
            auth: lab.spawn(Program::Auth, "auth", "all").await?,
            directory: lab.spawn(Program::Directory, "directory", "all").await?,
            projector: lab.spawn(Program::Messages, "projector", "events").await?,
            _source: source(&lab, &workspace)?,
            lab,
            workspace,
            messages,
            edges,
        })
    }

    /// Where functions run.
    #[must_use]
    pub fn host(&self) -> Host {
        if self.lab.lambda.is_some() { Host::Lambda } else { Host::Hyper }
    }

    /// A new person of the workspace.
    ///
    /// # Errors
    /// Registration is refused.
    pub async fn person(&self, name: &str) -> anyhow::Result<testkit::Person> {
        testkit::Person::register(&self.auth.url(), &self.workspace.handle, name).await
    }

    /// Every process, to be killed in turn.
    pub fn processes(&mut self) -> Vec<&mut Process> {
        let fixed = [&mut self.auth, &mut self.directory, &mut self.projector];
        fixed.into_iter().chain(&mut self.messages).chain(&mut self.edges).collect()
    }
}

fn source(lab: &Lab, workspace: &TestWorkspace) -> anyhow::Result<Option<EventSource>> {
    let Some(lambda) = &lab.lambda else { return Ok(None) };
    let (topic, invoker) = (workspace.id.topic(TopicKind::Messages), lambda.invoker("projector"));
    EventSource::start(&lab.kafka, &topic, PARTITIONS, invoker).map(Some)
}

//! `threadly log`: how far each workspace's log is projected, and the acknowledgement that it lost records.

use std::io::Write;

use event_log::projection::stands;

use crate::{
    config::{Config, Log},
    tools::Tools,
};

/// Runs the command.
pub async fn run(config: &Config, command: &Log) -> anyhow::Result<()> {
    let tools = Tools::connect(config).await?;
    let mut out = std::io::stdout();
    match command {
        Log::Status { workspace } => {
            for workspace in tools.workspaces(workspace.as_ref())? {
                let pool = tools.databases.lease(&workspace).await?;
                for stand in stands(&pool).await? {
                    let (handle, topic, position) = (&workspace.handle, &stand.topic, stand.next);
                    let projection = &stand.projection;
                    let state = stand.halted.as_deref().unwrap_or("projected");
                    writeln!(out, "{handle}  {topic} {projection}: next {position}, {state}")?;
                }
            }
        }
        Log::AcknowledgeLoss { workspace } => {
            let workspace = tools.workspace(workspace)?;
            let epoch = operator::registry::raise_epoch(&tools.control, &workspace.id, workspace.epoch).await?;
            writeln!(out, "{} is in epoch {epoch}: what its log still holds is projected anew", workspace.handle)?;
        }
    }
    Ok(())
}

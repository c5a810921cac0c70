-- On which servers a workspace's data is, by their own identities: its class may name others later, and purging there would
-- destroy nothing and say that nothing is left. Null where nobody asks servers who they are.
alter table control.workspaces
    -- As in control.backends.
    add column kafka_cluster_id text,
    add column postgres_system_id text;
-- Those in service are where their class is pinned to; of others nobody knows whether it was pinned elsewhere then.
update control.workspaces as workspace
set kafka_cluster_id = (select identity from control.backends as backend
                        where backend.source = workspace.source and class = class_name and kind = 'Kafka'),
    postgres_system_id = (select identity from control.backends as backend
                          where backend.source = workspace.source and class = class_name and kind = 'Postgres')
where state = 'Active' and ready_at is not null;

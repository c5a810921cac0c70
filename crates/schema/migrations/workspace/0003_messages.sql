-- What projections have made of the log. `next_offset` advances in the transaction of the rows it stands for.
create table projection_positions (
    projection  text not null,
    topic       text not null,
    partition   int not null,
    epoch       int not null,
    next_offset bigint not null check (next_offset >= 0),
    -- Why nobody may project: the log lost records that stand or should stand here. Ends with a newer epoch.
    halted      text check (halted in ('LogLost', 'HistoryGap')),
    primary key (projection, topic, partition)
);

create table messages (
    channel_id     uuid not null,
    id             uuid not null,
    parent_id      uuid,
    author_id      uuid not null,
    -- Null once deleted: the tombstone outlives the topic's retention.
    text           text,
    -- Dense per channel, from 1, in log order.
    sequence       bigint not null,
    epoch          int not null,
    partition      int not null,
    created_offset bigint not null,
    changed_offset bigint not null,
    created_at     timestamptz not null,
    edited_at      timestamptz,
    deleted_at     timestamptz,
    primary key (channel_id, id),
    unique (channel_id, sequence),
    check ((text is null) = (deleted_at is not null))
);
create index messages_thread on messages (channel_id, parent_id, sequence) where parent_id is not null;
-- The newest ids of a partition, for an edge that starts.
create index messages_position on messages (epoch, partition, created_offset);

create table channel_counters (
    channel_id    uuid primary key,
    last_sequence bigint not null
);

-- Membership as the message log tells it, exactly as of the projection's position: what an edge starts from.
create table delivery_members (
    channel_id    uuid not null,
    user_id       uuid not null,
    version       bigint not null,
    active        boolean not null,
    joined_epoch     int not null,
    joined_partition int not null,
    joined_offset    bigint not null,
    primary key (channel_id, user_id)
);

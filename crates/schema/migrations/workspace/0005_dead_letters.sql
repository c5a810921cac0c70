-- The digest of the record before `next_offset`: a log that holds another one there is not the log that was projected.
alter table projection_positions add column last_digest bigint;
-- The identity that Kafka gave the topic: one made anew under its name has another.
alter table projection_positions add column topic_id uuid;

-- Records that no version of ours can project, kept until somebody has looked. Written in the transaction that passes
-- over them.
create table dead_letters (
    id            bigint generated always as identity primary key,
    projection    text not null,
    topic         text not null,
    partition     int not null,
    epoch         int not null,
    record_offset bigint not null,
    record_value  bytea not null,
    recorded_at   timestamptz not null,
    -- Undecodable: no event. Rejected: an event that the database's constraints refuse.
    reason        text not null check (reason in ('Undecodable', 'Rejected')),
    detail        text not null,
    rejected_at   timestamptz not null default now(),
    -- When it was last appended to the log once more.
    redriven_at   timestamptz,
    unique (projection, topic, epoch, partition, record_offset)
);
grant select, insert, update on dead_letters to threadly_functions;

alter table outbox drop constraint outbox_topic_check;
alter table outbox add constraint outbox_topic_check check (topic in ('messages', 'directory', 'dead-letters'));

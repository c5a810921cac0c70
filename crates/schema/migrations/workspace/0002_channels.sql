-- Channels and their members: Postgres-first, announced through the outbox.
create table channels (
    id         uuid primary key,
    name       text not null check (char_length(name) between 1 and 80),
    topic      text not null default '' check (char_length(topic) <= 250),
    visibility text not null check (visibility in ('public', 'private')),
    created_by uuid not null references users,
    version    bigint not null default 1,
    created_at timestamptz not null default now()
);
create unique index channels_name on channels (lower(name));

-- A removed member stays as a tombstone, so that the version never repeats.
create table channel_members (
    channel_id uuid not null references channels,
    user_id    uuid not null references users,
    role       text not null default 'member' check (role in ('admin', 'member')),
    active     boolean not null,
    version    bigint not null,
    primary key (channel_id, user_id)
);
create index channel_members_user on channel_members (user_id) where active;

-- Events written with the change that they tell of; relayed in id order, then removed.
create table outbox (
    id         bigint generated always as identity primary key,
    topic      text not null check (topic in ('messages', 'directory')),
    key        uuid not null,
    event      jsonb not null,
    created_at timestamptz not null default now()
);

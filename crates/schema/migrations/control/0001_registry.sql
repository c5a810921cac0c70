-- The control registry: the non-secret list of every workspace, read by all functions, written by the operator alone.
create schema control;

create table control.workspaces (
    id                   text primary key check (id ~ '^[a-z2-7]{12}$'),
    -- Which source of manifests speaks for it ("directory", or a cluster's id), and its place there.
    source               text not null,
    place                text not null,
    handle               text not null check (handle ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    display_name         text not null,
    class_name           text not null,
    owner_email          text not null,
    sign_up_mode         text not null check (sign_up_mode in ('Invitation', 'Domain', 'Open')),
    sign_up_domains      text[] not null default '{}',
    suspended            boolean not null default false,
    state                text not null default 'Active' check (state in ('Active', 'Retained')),
    -- Set once every provisioning step has been seen done; functions serve only ready workspaces.
    ready_at             timestamptz,
    message_partitions   int not null check (message_partitions between 1 and 64),
    -- The topics' identity: raised when a person acknowledges that the log has lost records.
    epoch                int not null default 1 check (epoch >= 1),
    -- The workspace database's schema; 0 until the database exists.
    schema_version       int not null default 0,
    created_at           timestamptz not null default now(),
    retained_at          timestamptz,
    check ((state = 'Retained') = (retained_at is not null))
);

-- A retained workspace frees its place and handle; its data keeps its id.
create unique index workspaces_place on control.workspaces (source, place) where state = 'Active';
create unique index workspaces_handle on control.workspaces (handle) where state = 'Active';

create function control.notify_workspace() returns trigger language plpgsql as $$
begin
    perform pg_notify('workspaces', new.id);
    return null;
end $$;

create trigger workspaces_notify after insert or update on control.workspaces
    for each row execute function control.notify_workspace();

-- Public keys that verify access tokens. A key is written before its first use and stays until its last token has expired.
create table control.signing_keys (
    kid        text primary key,
    public_key bytea not null check (octet_length(public_key) = 32),
    created_at timestamptz not null default now(),
    retired_at timestamptz
);

grant usage on schema control to threadly_auth, threadly_functions;
grant select on all tables in schema control to threadly_auth, threadly_functions;

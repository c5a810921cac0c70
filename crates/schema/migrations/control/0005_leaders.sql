-- What the root key derives for nothing else, so that a wrong one is known before it sets every password anew.
create table control.installation (
    single    boolean primary key default true check (single),
    key_check bytea not null
);

-- Who may write for a source that several operators watch. A lease alone can't exclude two writers: each leader takes the
-- next epoch here, and whatever it writes is refused once there is a newer one. A source that one process reads by itself
-- has no row, and no epoch.
create table control.leaders (
    source text primary key,
    epoch  bigint not null check (epoch >= 1),
    holder text not null,
    since  timestamptz not null default now()
);

-- True, or an error of its own code. Whoever takes over waits for the writes that have been let through.
create function control.leads(asked_source text, asked_epoch bigint) returns boolean language plpgsql as $$
declare
    newest bigint;
begin
    select epoch into newest from control.leaders where source = asked_source for share;
    if newest is distinct from asked_epoch then
        raise exception '% is led under epoch %', asked_source, newest using errcode = 'TL001';
    end if;
    return true;
end $$;

-- Leave for one destructive act, written just before it.
create table control.tickets (
    id        bigint generated always as identity primary key,
    source    text not null,
    epoch     bigint,
    workspace text not null references control.workspaces (id),
    act       text not null check (act in ('DeleteTopics', 'DropDatabase', 'DeleteBucket')),
    taken_at  timestamptz not null default now()
);

-- What must outlive an operator of the classes of which many workspaces vanished, or were to be purged, at once.
create table control.brakes (
    source text not null,
    kind   text not null check (kind in ('Vanished', 'Purges')),
    class  text not null,
    -- Nothing is done until a person allows it.
    held   boolean not null,
    -- The permit that was used; it is good once.
    used   int check (used >= 0),
    primary key (source, kind, class)
);

-- A Purging workspace is never brought back; a Purged one is its row alone, so that its id is used by nobody else.
alter table control.workspaces
    drop constraint workspaces_state_check,
    add constraint workspaces_state_check check (state in ('Active', 'Retained', 'Purging', 'Purged')),
    drop constraint workspaces_check,
    add constraint workspaces_retained_check check ((state = 'Active') = (retained_at is null)),
    -- Which namespace the place was in: one of the same name may later be another tenant's.
    add column namespace_uid text,
    -- With the deletion policy Delete: how long its data is kept once its manifest is gone.
    add column purge_after_days int check (purge_after_days between 1 and 36500),
    -- When it is purged; never by itself if null.
    add column purge_after timestamptz,
    add constraint workspaces_purge_check check (purge_after is null or state <> 'Active');

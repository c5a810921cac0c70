-- When a function has work to do that no request brings, by workspace. The clock asks it then. A holder writes its row
-- before the work can be lost, and removes it once the work is done.
create sequence control.due_version;
create table control.due (
    workspace  text not null references control.workspaces (id) on delete cascade,
    function   text not null,
    purpose    text not null check (purpose in ('outbox')),
    -- Whose: the instance's name where each process has work of its own.
    holder     text not null,
    at         timestamptz not null,
    set_at     timestamptz not null default now(),
    -- New with every writing, so that whoever finished older work does not remove newer.
    version    bigint not null default nextval('control.due_version'),
    attempts   int not null default 0,
    primary key (workspace, function, purpose, holder)
);
create index due_at on control.due (at);
grant select, insert, update, delete on control.due to threadly_auth, threadly_functions;
grant usage on sequence control.due_version to threadly_auth, threadly_functions;

-- Host names, each of which is one workspace's: whoever asked first has it, also across clusters with one registry.
create table control.hosts (
    host       text primary key check (length(host) between 1 and 253),
    workspace  text not null references control.workspaces (id),
    claimed_at timestamptz not null default now()
);
create index hosts_of_workspace on control.hosts (workspace);

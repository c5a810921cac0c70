-- Who a class's backends are, from the first contact on. Another identity at the same address is another server, with
-- nobody's data on it.
create table control.backends (
    -- The source of manifests that the class belongs to.
    source     text not null,
    class      text not null,
    kind       text not null check (kind in ('Kafka', 'Postgres')),
    -- Kafka's cluster id, Postgres's system identifier.
    identity   text not null,
    first_seen timestamptz not null default now(),
    primary key (source, class, kind)
);

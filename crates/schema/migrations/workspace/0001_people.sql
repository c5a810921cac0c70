-- Who is in the workspace, and how they sign in. Postgres-first.
create table users (
    id              uuid primary key,
    email           text not null check (octet_length(email) between 3 and 320),
    display_name    text not null check (char_length(display_name) between 1 and 80),
    role            text not null check (role in ('owner', 'admin', 'member')),
    active          boolean not null default true,
    version         bigint not null default 1,
    -- When a ticket showed that the address is this person's; a plain sign-up shows nothing.
    email_proved_at timestamptz,
    created_at      timestamptz not null default now()
);
create unique index users_email on users (lower(email));

-- One signed-in device each. The id is the client's if it names one, so that a retry opens no second session.
create table sessions (
    id         uuid primary key,
    user_id    uuid not null references users,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);
create index sessions_user on sessions (user_id);

-- Only threadly_auth reads the next three tables.
create table passwords (
    user_id       uuid primary key references users,
    password_hash text not null,
    updated_at    timestamptz not null default now()
);

-- A one-time way in: the first owner's link, later invitations. The token itself is never stored.
create table sign_in_tickets (
    token_hash bytea primary key,
    email      text not null,
    role       text not null check (role in ('owner', 'admin', 'member')),
    expires_at timestamptz not null,
    used_at    timestamptz,
    -- What its use opened: a retry after a lost answer names the same session.
    session_id uuid references sessions on delete set null
);

-- Single use: `used_at` tells a retry after a lost answer from a stolen token.
create table refresh_tokens (
    token_hash bytea primary key,
    session_id uuid not null references sessions on delete cascade,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index refresh_tokens_session on refresh_tokens (session_id);

-- Who people are, and everything that lets them in.
alter table users
    -- Bots have none, nor people of an issuer that proves none, nor who was erased.
    alter column email drop not null,
    drop constraint users_role_check,
    add constraint users_role_check check (role in ('owner', 'admin', 'member', 'guest')),
    add column kind text not null default 'person' check (kind in ('person', 'bot')),
    -- The row stays, so that what was said keeps an author; nothing of the person is left in it.
    add column erased_at timestamptz,
    -- What a name looks like (UTS 39), and its words for search by prefix. Written by the program with every name.
    add column name_key text not null default '',
    add column name_words tsvector not null default ''::tsvector,
    add column title text not null default '' check (char_length(title) <= 80),
    add column about text not null default '' check (char_length(about) <= 500),
    -- A name of the IANA database.
    add column time_zone text not null default 'UTC' check (char_length(time_zone) between 1 and 64),
    add column status_emoji text not null default '' check (char_length(status_emoji) <= 32),
    add column status_text text not null default '' check (char_length(status_text) <= 100),
    -- The status is over from then on; for ever without one.
    add column status_until timestamptz,
    -- Of the picture, in bytes: what counts against the workspace's storage.
    add column avatar_length int not null default 0 check (avatar_length >= 0);
update users set
    name_key = lower(display_name),
    name_words = array_to_tsvector(array_remove(regexp_split_to_array(lower(display_name), '[^[:alnum:]]+'), '')),
    avatar_length = coalesce((select max(length) from avatar_uploads where user_id = users.id and digest = avatar_digest), 0);
create index users_name_key on users (name_key);
create index users_name_words on users using gin (name_words);
create index users_role on users (role) where active;

alter table sessions
    -- What the device says that it is, and where it came from last.
    add column device text not null default '' check (char_length(device) <= 200),
    add column address text not null default '' check (char_length(address) <= 64),
    add column last_used_at timestamptz not null default now(),
    -- How it began.
    add column origin text not null default 'password' check (origin in ('password', 'ticket', 'issuer'));
create index sessions_live on sessions (user_id) where revoked_at is null;

-- Who a person is to a trusted issuer: its subjects are never renamed, so this pair is an identity for ever.
create table identities (
    issuer     text not null check (octet_length(issuer) <= 512),
    subject    text not null check (octet_length(subject) between 1 and 255),
    user_id    uuid not null references users,
    created_at timestamptz not null default now(),
    primary key (issuer, subject)
);
create index identities_user on identities (user_id);

-- Tokens that outlive sessions, for programs. The token itself is never stored.
create table api_tokens (
    id           uuid primary key,
    token_hash   bytea not null unique,
    user_id      uuid not null references users,
    name         text not null check (char_length(name) between 1 and 80),
    scopes       text[] not null check (cardinality(scopes) between 1 and 16),
    created_by   uuid not null references users,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
create index api_tokens_user on api_tokens (user_id) where revoked_at is null;

-- Tickets do more than let in; each is sent to an address, and proves it.
alter table sign_in_tickets
    drop constraint sign_in_tickets_role_check,
    add constraint sign_in_tickets_role_check check (role in ('owner', 'admin', 'member', 'guest')),
    add column purpose text not null default 'sign-in'
        check (purpose in ('sign-in', 'sign-up', 'verify-email', 'reset-password', 'change-email')),
    -- Whose account it is about, where there is one.
    add column user_id uuid references users;
create index sign_in_tickets_user on sign_in_tickets (user_id) where used_at is null;

-- One-time codes (RFC 6238). Counts once confirmed.
create table second_factors (
    user_id      uuid primary key references users,
    secret       bytea not null check (octet_length(secret) between 16 and 64),
    confirmed_at timestamptz,
    -- The time step of the last code taken: none is good twice.
    last_step    bigint not null default 0,
    created_at   timestamptz not null default now()
);
create table recovery_codes (
    user_id   uuid not null references users,
    code_hash bytea not null,
    used_at   timestamptz,
    primary key (user_id, code_hash)
);

-- Attempts in vain, by what they have in common: an account, an address, both.
create table sign_in_failures (
    key      text primary key check (octet_length(key) <= 512),
    failures int not null check (failures > 0),
    last_at  timestamptz not null default now()
);
create index sign_in_failures_last on sign_in_failures (last_at);

-- Letters to be sent. What a letter lets its reader do is minted when it is sent, so no secret rests here.
create table letters (
    id         uuid primary key,
    kind       text not null check (char_length(kind) <= 32),
    recipient  text not null check (octet_length(recipient) between 3 and 320),
    data       jsonb not null default '{}',
    created_at timestamptz not null default now(),
    attempts   int not null default 0,
    next_at    timestamptz not null default now(),
    sent_at    timestamptz,
    -- Why nobody tries any more.
    parked     text check (char_length(parked) <= 500)
);
create index letters_next on letters (next_at) where sent_at is null and parked is null;

create table teams (
    id          uuid primary key,
    name        text not null check (char_length(name) between 1 and 80),
    name_key    text not null,
    name_words  tsvector not null default ''::tsvector,
    description text not null default '' check (char_length(description) <= 500),
    created_by  uuid not null references users,
    version     bigint not null default 1,
    created_at  timestamptz not null default now(),
    archived_at timestamptz
);
create unique index teams_name on teams (name_key) where archived_at is null;
create index teams_name_words on teams using gin (name_words);

-- A removed member stays as a tombstone, so that the version never repeats.
create table team_members (
    team_id uuid not null references teams,
    user_id uuid not null references users,
    role    text not null default 'member' check (role in ('lead', 'member')),
    active  boolean not null,
    version bigint not null,
    primary key (team_id, user_id)
);
create index team_members_user on team_members (user_id) where active;

alter table channels
    drop constraint channels_name_check,
    -- A direct conversation of two and a group of a few have no name: their members are it.
    add column kind text not null default 'channel' check (kind in ('channel', 'direct', 'group')),
    add constraint channels_name_check check (char_length(name) <= 80 and (kind <> 'channel' or name <> '')),
    add column name_key text not null default '',
    add column name_words tsvector not null default ''::tsvector,
    add column purpose text not null default '' check (char_length(purpose) <= 500),
    -- Who may post.
    add column posting text not null default 'everyone' check (posting in ('everyone', 'admins')),
    -- Readable still, and nothing changes any more.
    add column archived_at timestamptz,
    add constraint channels_conversation_check check (kind = 'channel' or visibility = 'private');
update channels set
    name_key = lower(name),
    name_words = array_to_tsvector(array_remove(regexp_split_to_array(lower(name), '[^[:alnum:]]+'), ''));
drop index channels_name;
create unique index channels_name on channels (name_key) where kind = 'channel';
create index channels_by_name on channels (lower(name)) where kind = 'channel';
create index channels_name_words on channels using gin (name_words);

-- A way in for whoever was asked.
create table invitations (
    id         uuid primary key,
    -- Whom it was sent to; a link for whoever has it without one.
    email      text check (octet_length(email) between 3 and 320),
    role       text not null check (role in ('owner', 'admin', 'member', 'guest')),
    -- Where they find themselves afterwards.
    channels   uuid[] not null default '{}' check (cardinality(channels) <= 50),
    teams      uuid[] not null default '{}' check (cardinality(teams) <= 50),
    created_by uuid not null references users,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    max_uses   int not null default 1 check (max_uses between 1 and 1000),
    uses       int not null default 0 check (uses between 0 and max_uses),
    revoked_at timestamptz
);
create index invitations_created on invitations (created_at, id);
create index invitations_email on invitations (lower(email)) where revoked_at is null;

-- The secret in a link; a letter that is sent again carries another one.
create table invitation_tokens (
    token_hash    bytea primary key,
    invitation_id uuid not null references invitations on delete cascade
);
create index invitation_tokens_invitation on invitation_tokens (invitation_id);

-- Who came by which.
create table invitation_uses (
    invitation_id uuid not null references invitations,
    user_id       uuid not null references users,
    used_at       timestamptz not null default now(),
    primary key (invitation_id, user_id)
);

grant select, insert, update, delete on identities, api_tokens, invitations, invitation_tokens, invitation_uses, letters,
    teams, team_members to threadly_auth, threadly_functions;
-- Whoever comes in by invitation is let into its channels in the same transaction.
grant select, insert, update on channel_members to threadly_auth;
grant select on channels, delivery_members to threadly_auth;
grant select, insert, update, delete on second_factors, recovery_codes, sign_in_failures to threadly_auth;
-- A subject of a trusted issuer begins its session wherever it is seen first.
grant insert, update on sessions to threadly_functions;

-- Pages in the order of names.
create index users_by_name on users (lower(display_name), id);
create index users_bots on users (lower(display_name), id) where kind = 'bot';
create index teams_by_name on teams (lower(name)) where archived_at is null;

-- Pictures that nobody has any more, or perhaps never had: `directory` deletes them from the bucket when the clock asks.
create table avatar_leftovers (
    user_id uuid not null references users,
    digest  text not null check (digest ~ '^[0-9a-f]{64}$'),
    -- Not looked at before: what is being copied is nobody's yet.
    next_at timestamptz not null default now(),
    primary key (user_id, digest)
);
create index avatar_leftovers_next on avatar_leftovers (next_at);
grant select, insert, update, delete on avatar_leftovers to threadly_auth, threadly_functions;
-- Whoever is erased has announced no picture either.
grant select, delete on avatar_uploads to threadly_auth;

-- Who has vouched for whoever opened a session: it is renewed for as long only as the issuer is trusted.
alter table sessions add column issuer text check (octet_length(issuer) <= 512);
-- An issuer's subject is linked to no account that has one.
grant select (user_id, confirmed_at) on second_factors to threadly_functions;

-- Which token a refresh token was given for: that one may be used again as long as no successor was, so that a lost answer
-- signs nobody out.
alter table refresh_tokens add column predecessor bytea;
create index refresh_tokens_predecessor on refresh_tokens (predecessor);
-- What all refresh tokens of a session begin with: one that is deleted still tells whose it was.
alter table sessions add column family uuid not null default gen_random_uuid();
create unique index sessions_family on sessions (family);
-- Letters to strangers are counted by day, of an address and of the workspace.
create index invitations_written on invitations (created_at) where email is not null;
create index invitations_sent on invitations (lower(email), created_at);
-- What is over is found by its time; and whoever deletes a session asks which tickets name it.
create index refresh_tokens_expiry on refresh_tokens (expires_at);
create index sessions_over on sessions (greatest(last_used_at, revoked_at));
create index sign_in_tickets_session on sign_in_tickets (session_id) where session_id is not null;
create index sign_in_tickets_expiry on sign_in_tickets (expires_at);
create index letters_sent on letters (sent_at) where sent_at is not null;
create index letters_parked on letters (created_at) where parked is not null;

-- Whom somebody meets in their channels is read without the rows themselves.
create index channel_members_present on channel_members (channel_id, user_id) where active;

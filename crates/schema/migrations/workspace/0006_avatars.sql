-- A person's picture: its content lies in the workspace's bucket, under a key made of the person and the digest.
alter table users
    -- SHA-256 of the content, in hexadecimal; null without a picture.
    add column avatar_digest text check (avatar_digest ~ '^[0-9a-f]{64}$'),
    add column avatar_type   text check (avatar_type in ('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
    add check ((avatar_digest is null) = (avatar_type is null));

-- What somebody has said that they will put into the bucket. A completed one stays for a while, so that a retry is told so.
create table avatar_uploads (
    id           uuid primary key,
    user_id      uuid not null references users,
    content_type text not null check (content_type in ('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
    length       int not null check (length between 1 and 1048576),
    digest       text not null check (digest ~ '^[0-9a-f]{64}$'),
    created_at   timestamptz not null default now(),
    completed_at timestamptz
);
create index avatar_uploads_user on avatar_uploads (user_id, created_at);

grant select, insert, update, delete on avatar_uploads to threadly_functions;

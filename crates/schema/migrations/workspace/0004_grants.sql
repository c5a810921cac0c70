-- Two fleet roles with least grants: only threadly_auth reads what lets a person in.
grant select, insert, update, delete on users, passwords, sign_in_tickets, refresh_tokens, sessions, outbox to threadly_auth;

grant select, insert, update, delete on users, channels, channel_members, outbox, projection_positions, messages,
    channel_counters, delivery_members to threadly_functions;
-- Revocation is read by everyone who checks a token.
grant select on sessions to threadly_functions;

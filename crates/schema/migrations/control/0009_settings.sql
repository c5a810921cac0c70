-- What functions need to know of a manifest beyond who may register: trusted issuers, limits. Unknown fields are ignored.
alter table control.workspaces add column settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object');

-- More work that no request brings.
alter table control.due drop constraint due_purpose_check;
alter table control.due add constraint due_purpose_check check (purpose in ('outbox', 'mail', 'expiries', 'leftovers'));

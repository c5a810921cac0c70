-- Outboxes that an older version wrote to are among what is due from now on, too.
insert into control.due (workspace, function, purpose, holder, at)
select id, function, 'outbox', 'before', now()
from control.workspaces, unnest(array['auth', 'directory']) as function
on conflict do nothing;

-- When the workspace's bucket was made. From then on a bucket that is not there is lost data, and is not made anew; a
-- workspace from before there were buckets has none yet, and gets one.
alter table control.workspaces add column bucket_made_at timestamptz;

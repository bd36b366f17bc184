-- Lists that had no index of their own, and functions that told the planner of ten times the rows that they give: it read all
-- people to find the names of a page.
create index users_staff_idx on users (tenant_id, username) where role in ('moderator', 'admin');
alter function people_find(text, text, text, text, bigint) rows 101;
alter function desk_videos(text, text, timestamptz, uuid, integer) rows 101;
alter function desk_comments(text, text, timestamptz, uuid, integer) rows 101;
alter function desk_audit(text, text, text, uuid, timestamptz, timestamptz, timestamptz, uuid, integer) rows 101;

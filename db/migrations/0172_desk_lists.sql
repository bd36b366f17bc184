-- What is hidden until somebody decides, for its figure and its list.
create index cases_held_idx on cases (tenant_id, priority desc, created_at, id) where state = 'open' and is_held;

-- The organisation's own logo, for its reports: a PNG or SVG made anew of what was uploaded.
create table organisation_logos (
    org_id uuid primary key,
    format text not null check (format in ('png', 'svg')),
    content bytea not null,
    changed_at timestamptz not null
);
call isolate('organisation_logos');

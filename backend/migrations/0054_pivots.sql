-- Pivots that somebody saved: what lies where, never figures. owner_id: a user's id, else a client's.
create table pivots (
    org_id uuid not null,
    id uuid not null,
    name text not null,
    definition jsonb not null,
    sharing text not null check (sharing in ('PRIVATE', 'ROLES', 'ORGANISATION')),
    roles text[] not null,
    owner_id text not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (org_id, id),
    check ((sharing = 'ROLES') = (roles <> '{}'))
);
create index pivots_name on pivots (org_id, name, id);
create index pivots_owner on pivots (org_id, owner_id);
call isolate('pivots');
call limit_sight('pivots', 'not (select is_partner())');

-- Boards: what analysts composed, as a draft and as it was published. Definitions and words, never figures.
-- roles, location_ids: whom it is addressed to; empty: everybody who may read reports, in every place.
create table boards (
    org_id uuid not null,
    id uuid not null,
    title text not null,
    blocks jsonb not null,
    roles text[] not null,
    location_ids uuid[] not null,
    owner_id text not null,
    published_number integer,
    version bigint not null default 1,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    primary key (org_id, id)
);
create index boards_changed on boards (org_id, changed_at, id);
create index boards_title on boards (org_id, title, id);
call isolate('boards');
call limit_sight('boards',
    '((select seen_locations()) is null or location_ids = ''{}'' or location_ids && (select seen_locations()))'
    ' and not (select is_partner())');

create table board_versions (
    org_id uuid not null,
    board_id uuid not null,
    number integer not null,
    title text not null,
    blocks jsonb not null,
    published_at timestamptz not null,
    published_by text not null,
    primary key (org_id, board_id, number)
);
call isolate('board_versions', 'select, insert, delete');
call limit_sight('board_versions',
    'exists (select from boards b where b.org_id = board_versions.org_id and b.id = board_versions.board_id)');

create table board_comments (
    org_id uuid not null,
    id uuid not null,
    board_id uuid not null,
    author_id text not null,
    text text not null,
    made_at timestamptz not null,
    primary key (org_id, id)
);
create index board_comments_board on board_comments (org_id, board_id, id);
call isolate('board_comments', 'select, insert, delete');
call limit_sight('board_comments',
    'exists (select from boards b where b.org_id = board_comments.org_id and b.id = board_comments.board_id)');

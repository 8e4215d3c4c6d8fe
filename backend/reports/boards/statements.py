"""Statements about boards; the organisation is $1 throughout."""

from typing import Final

COUNT: Final = "select count(*) as kept from boards where org_id = $1 and owner_id = $2"
# Two who save at the same time wait for each other, so that neither counts past the other.
QUEUE: Final = "select pg_advisory_xact_lock(hashtextextended('boards/' || $1 || '/' || $2, 0))"
ADD: Final = """
insert into boards (org_id, id, title, blocks, roles, location_ids, owner_id, created_at,
                    changed_at)
values ($1, $2, $3, $4::jsonb, $5::text[], $6::uuid[], $7, $8, $8)
"""
CHANGE: Final = """
update boards set title = $3, blocks = $4::jsonb, roles = $5::text[], location_ids = $6::uuid[],
       changed_at = $7, version = version + 1
 where org_id = $1 and id = $2 and version = $8 returning version
"""
PUBLISH: Final = """
update boards set published_number = coalesce(published_number, 0) + 1, changed_at = $3,
       version = version + 1
 where org_id = $1 and id = $2 and version = $4 returning published_number
"""
ADD_VERSION: Final = """
insert into board_versions (org_id, board_id, number, title, blocks, published_at, published_by)
values ($1, $2, $3, $4, $5::jsonb, $6, $7)
"""
VERSIONS: Final = """
select board_id, number, title, blocks, published_at, published_by
  from board_versions where org_id = $1 and board_id = any($2::uuid[]) order by number desc
"""
DELETE: Final = """
with versions as (delete from board_versions where org_id = $1 and board_id = $2),
     comments as (delete from board_comments where org_id = $1 and board_id = $2)
delete from boards where org_id = $1 and id = $2
"""
COUNT_COMMENTS: Final = """
select count(*) as kept from board_comments where org_id = $1 and board_id = $2
"""
ADD_COMMENT: Final = """
insert into board_comments (org_id, id, board_id, author_id, text, made_at, block, number)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
COMMENTS: Final = """
select id, board_id, author_id, text, made_at, block, number from board_comments
 where org_id = $1 and board_id = any($2::uuid[]) order by id
"""
DELETE_COMMENT: Final = """
delete from board_comments where org_id = $1 and id = $2 and (author_id = $3 or $4)
returning board_id
"""

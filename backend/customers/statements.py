"""The customers' set-based SQL. Every statement names the organisation as $1."""

from typing import Final

# In digest order, so that two batches with common customers wait instead of deadlocking.
# A segment said now replaces the one known; unsaid (null) leaves it, and the row unwritten.
REMEMBER: Final = """
insert into customers as c (org_id, id, reference_digest, segment, created_at, updated_at)
select $1, id, digest, segment, $5, $5
  from unnest($2::uuid[], $3::bytea[], $4::text[]) as w (id, digest, segment)
 order by digest
on conflict (org_id, reference_digest) do update
   set segment = excluded.segment, updated_at = excluded.updated_at
 where excluded.segment is not null and c.segment is distinct from excluded.segment
returning c.id, c.reference_digest, c.segment
"""

CUSTOMERS_BY_DIGEST: Final = """
select id, reference_digest, segment from customers
 where org_id = $1 and reference_digest = any($2::bytea[])
"""

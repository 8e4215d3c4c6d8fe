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

PERSONAL: Final = """
select c.id, c.personal, k.wrapped_key
  from customers c left join customer_keys k on k.org_id = c.org_id and k.customer_id = c.id
 where c.org_id = $1 and c.id = any($2::uuid[])
"""
CUSTOMERS_TO_CHANGE: Final = """
select c.id, c.reference_digest, c.segment, c.personal, c.created_at, c.updated_at, k.wrapped_key
  from customers c left join customer_keys k on k.org_id = c.org_id and k.customer_id = c.id
 where c.org_id = $1 and c.reference_digest = any($2::bytea[])
 order by c.reference_digest for update of c
"""
CHANGE_CUSTOMERS: Final = """
update customers c
   set segment = n.segment, personal = n.personal, updated_at = $5
  from unnest($2::uuid[], $3::text[], $4::bytea[]) as n (id, segment, personal)
 where c.org_id = $1 and c.id = n.id
"""
PUT_KEYS: Final = """
insert into customer_keys (org_id, customer_id, wrapped_key)
select $1, * from unnest($2::uuid[], $3::bytea[])
on conflict (org_id, customer_id) do update set wrapped_key = excluded.wrapped_key
"""

"""The set-based SQL of reads."""

from typing import Final

FIND_DEVICE: Final = """
select d.id, d.location_id, p.code, p.role
  from devices d left join read_points p on p.org_id = d.org_id and p.device_id = d.id
 where d.org_id = $1 and d.code = $2
"""

INSERT_READS: Final = """
with kept as (
    insert into raw_reads
           (org_id, id, key, device_id, location_id, read_point, code, symbology, observed_at,
            recorded_at, seq, count, rssi, antenna, product_id, units, parked_reason)
    select $1, r.id, r.key, $2, $3, r.read_point, r.code, r.symbology, r.observed_at, $4, r.seq,
           coalesce(r.count, 1), r.rssi, r.antenna, r.product_id, r.units, r.parked_reason
      from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[],
                  $11::bigint[], $12::int[], $13::real[], $14::smallint[], $15::uuid[],
                  $16::numeric[], $17::text[])
           as r (id, key, read_point, code, symbology, observed_at, seq, count, rssi, antenna,
                 product_id, units, parked_reason)
)
update devices
   set last_read_at = greatest(last_read_at, $18), clock_skew_ms = coalesce($19, clock_skew_ms)
 where org_id = $1 and id = $2
"""

# In order of the code, so that two batches with the same unknown codes do not deadlock.
PARK: Final = """
insert into parked_codes as p
       (org_id, code, reason, reads, device_id, location_id, first_seen_at, last_seen_at)
select $1, code, reason, reads, $2, $3, first_seen_at, last_seen_at
  from unnest($4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::timestamptz[])
       as c (code, reason, reads, first_seen_at, last_seen_at)
 order by code
on conflict (org_id, code) do update
   set reads = p.reads + excluded.reads,
       reason = excluded.reason,
       device_id = excluded.device_id,
       location_id = excluded.location_id,
       first_seen_at = least(p.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at)
"""

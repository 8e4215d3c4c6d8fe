"""The set-based SQL of reads."""

from typing import Final

FIND_DEVICE: Final = """
select d.id, d.location_id, p.code, p.role
  from devices d left join read_points p on p.org_id = d.org_id and p.device_id = d.id
 where d.org_id = $1 and d.code = $2
   and (exists (select from client_devices l
                 where l.org_id = $1 and l.client_id = $3 and l.device_id = d.id)
        or not exists (select from client_devices l where l.org_id = $1 and l.client_id = $3))
"""

INSERT_READS: Final = """
with kept as (
    insert into raw_reads
           (org_id, id, key, device_id, location_id, read_point, code, symbology, observed_at,
            recorded_at, seq, count, rssi, antenna, product_id, units, parked_reason, gtin, serial,
            lot, expires_on, presence, first_seen_at)
    select $1, r.id, r.key, $2, $3, r.read_point, r.code, r.symbology, r.observed_at, $4, r.seq,
           coalesce(r.count, 1), r.rssi, r.antenna, r.product_id, r.units, r.parked_reason, r.gtin,
           r.serial, r.lot, r.expires_on, r.presence, r.first_seen_at
      from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[],
                  $11::bigint[], $12::int[], $13::real[], $14::smallint[], $15::uuid[],
                  $16::numeric[], $17::text[], $18::text[], $19::text[], $20::text[], $21::date[],
                  $24::text[], $25::timestamptz[])
           as r (id, key, read_point, code, symbology, observed_at, seq, count, rssi, antenna,
                 product_id, units, parked_reason, gtin, serial, lot, expires_on, presence,
                 first_seen_at)
)
update devices
   set last_read_at = greatest(last_read_at, $22), clock_skew_ms = coalesce($23, clock_skew_ms)
 where org_id = $1 and id = $2
"""

# In order of the code, so that two batches with the same unknown codes do not deadlock.
PARK: Final = """
insert into parked_codes as p
       (org_id, code, reason, reads, device_id, location_id, first_seen_at, last_seen_at, gtin)
select $1, code, reason, reads, $2, $3, first_seen_at, last_seen_at, gtin
  from unnest($4::text[], $5::text[], $6::bigint[], $7::timestamptz[], $8::timestamptz[],
              $9::text[])
       as c (code, reason, reads, first_seen_at, last_seen_at, gtin)
 order by code
on conflict (org_id, location_id, code) do update
   set reads = p.reads + excluded.reads,
       reason = excluded.reason,
       device_id = excluded.device_id,
       gtin = excluded.gtin,
       first_seen_at = least(p.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at)
"""

# Who parks shares this lock to the end of its transaction, who takes up what is parked has it
# alone: a read is either parked where the product's transaction finds it, or finds the product.
# Both take it before they lock a key or a level. Two integers: see the catalogue's lock.
SHARE_PARKING: Final = "select pg_advisory_xact_lock_shared(x'5350524b'::int, hashtext($1::text))"
CLOSE_PARKING: Final = "select pg_advisory_xact_lock(x'5350524b'::int, hashtext($1::text))"

PARK_READS: Final = """
insert into parked_reads
       (org_id, id, gtin, key, device_id, location_id, role, observed_at, recorded_at, said_units,
        said_price, read_point, serial, epc, epc_hex, lot, expires_on)
select $1, id, gtin, key, $2, $3, role, observed_at, $4, said_units, said_price, read_point, serial,
       epc, epc_hex, lot, expires_on
  from unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::numeric[],
              $11::numeric[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
              $17::date[])
       as r (id, gtin, key, role, observed_at, said_units, said_price, read_point, serial, epc,
             epc_hex, lot, expires_on)
"""
TAKE_UP_READS: Final = """
delete from parked_reads r using product_gtins g, devices d
 where r.org_id = $1 and g.org_id = $1 and g.product_id = any($2::uuid[]) and r.gtin = g.gtin
   and d.org_id = $1 and d.id = r.device_id
returning r.id, r.key, r.location_id, r.role, r.observed_at, r.said_units, r.said_price,
          r.read_point, r.gtin, r.serial, r.epc, r.epc_hex, r.lot, r.expires_on,
          g.product_id, g.units, d.code as device
"""
IDENTIFY_READS: Final = """
update raw_reads r
   set product_id = u.product_id, units = u.units, parked_reason = u.parked_reason
  from unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::text[])
       as u (id, product_id, units, parked_reason)
 where r.org_id = $1 and r.id = u.id
"""
DROP_PARKED_CODES: Final = """
delete from parked_codes p using product_gtins g
 where p.org_id = $1 and g.org_id = $1 and g.product_id = any($2::uuid[]) and p.gtin = g.gtin
"""

UPSERT_DEVICES: Final = """
insert into devices as d (org_id, id, code, name, location_id, updated_at)
select $1, id, code, name, location_id, $6
  from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[]) as n (id, code, name, location_id)
 order by code
on conflict (org_id, code) do update
   set name = excluded.name, location_id = excluded.location_id, updated_at = excluded.updated_at,
       version = d.version + 1
 where (d.name, d.location_id) is distinct from (excluded.name, excluded.location_id)
returning id, code, name, version
"""
DEVICE_IDS: Final = (
    "select id, code, version from devices where org_id = $1 and code = any($2::text[])"
)
READ_POINTS: Final = """
select device_id, code, role from read_points where org_id = $1 and device_id = any($2::uuid[])
 order by device_id, code
"""
DROP_READ_POINTS: Final = """
delete from read_points p where org_id = $1 and device_id = any($2::uuid[])
   and not exists (select 1 from unnest($3::uuid[], $4::text[]) as w (device_id, code)
                    where w.device_id = p.device_id and w.code = p.code)
"""
PUT_READ_POINTS: Final = """
insert into read_points (org_id, device_id, code, role)
select $1, * from unnest($2::uuid[], $3::text[], $4::text[])
on conflict (org_id, device_id, code) do update set role = excluded.role
"""
DEVICE_NAMES: Final = """
select code, name from devices where org_id = $1 and code = any($2::text[])
"""

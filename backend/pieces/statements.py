"""The set-based SQL of the register. Pieces are locked in the order of GTIN and serial."""

from typing import Final

# What is there already. New ones are made before any is locked: whoever makes the same piece waits
# for the other in the order of the keys, and a lock is never taken before another key is made.
EXISTING: Final = """
select p.gtin, p.serial from unnest($2::text[], $3::text[]) as w (gtin, serial)
  join pieces p on p.org_id = $1 and p.gtin = w.gtin and p.serial = w.serial
"""

INSERT: Final = """
insert into pieces
       (org_id, id, gtin, serial, epc, epc_hex, product_id, units, lot, expires_on, state,
        is_suspect, location_id, read_point, first_seen_at, last_seen_at, inside_at, left_at,
        stock_location_id, sold_at, bought_at, bought_location_id, decided_at, changed_at)
select $1, n.*, $2
  from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],
              $9::numeric[], $10::text[], $11::date[], $12::text[], $13::bool[], $14::uuid[],
              $15::text[], $16::timestamptz[], $17::timestamptz[], $18::timestamptz[],
              $19::timestamptz[], $20::uuid[], $21::timestamptz[], $22::timestamptz[],
              $23::uuid[], $24::timestamptz[])
       as n (id, gtin, serial, epc, epc_hex, product_id, units, lot, expires_on, state, is_suspect,
             location_id, read_point, first_seen_at, last_seen_at, inside_at, left_at,
             stock_location_id, sold_at, bought_at, bought_location_id, decided_at)
 order by n.gtin, n.serial
on conflict do nothing
returning id
"""

LOCK: Final = """
select p.id, p.gtin, p.serial, p.epc, p.product_id, p.units, p.state, p.is_suspect, p.location_id,
       p.read_point, p.first_seen_at, p.last_seen_at, p.inside_at, p.left_at, p.stock_location_id,
       p.sold_at, p.bought_at, p.bought_location_id, p.decided_at, p.version
  from unnest($2::text[], $3::text[]) as w (gtin, serial)
  join pieces p on p.org_id = $1 and p.gtin = w.gtin and p.serial = w.serial
 order by p.gtin, p.serial
   for update of p
"""

# Seen again, with nothing new about them but that: their places and times alone.
SEE: Final = """
update pieces p
   set location_id = s.location_id, read_point = s.read_point, first_seen_at = s.first_seen_at,
       last_seen_at = s.last_seen_at, inside_at = s.inside_at, left_at = s.left_at
  from unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[],
              $7::timestamptz[], $8::timestamptz[])
       as s (id, location_id, read_point, first_seen_at, last_seen_at, inside_at, left_at)
 where p.org_id = $1 and p.id = s.id
"""

CHANGE: Final = """
update pieces p
   set state = c.state, is_suspect = c.is_suspect, location_id = c.location_id,
       read_point = c.read_point, first_seen_at = c.first_seen_at, last_seen_at = c.last_seen_at,
       inside_at = c.inside_at, left_at = c.left_at, stock_location_id = c.stock_location_id,
       sold_at = c.sold_at, bought_at = c.bought_at, bought_location_id = c.bought_location_id,
       decided_at = c.decided_at, changed_at = $2, version = p.version + 1
  from unnest($3::uuid[], $4::text[], $5::bool[], $6::uuid[], $7::text[], $8::timestamptz[],
              $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::uuid[],
              $13::timestamptz[], $14::timestamptz[], $15::uuid[], $16::timestamptz[])
       as c (id, state, is_suspect, location_id, read_point, first_seen_at, last_seen_at, inside_at,
             left_at, stock_location_id, sold_at, bought_at, bought_location_id, decided_at)
 where p.org_id = $1 and p.id = c.id
"""

TURNS: Final = """
select piece_id, at, is_checkout, key, read_id, location_id, device, sells, took, price
  from piece_turns where org_id = $1 and piece_id = any($2::uuid[])
"""
ADD_TURNS: Final = """
insert into piece_turns
       (org_id, piece_id, at, is_checkout, key, read_id, location_id, device, sells, took, price)
select $1, t.*
  from unnest($2::uuid[], $3::timestamptz[], $4::bool[], $5::text[], $6::uuid[], $7::uuid[],
              $8::text[], $9::bool[], $10::bool[], $11::numeric[]) as t
"""
# An earlier checkout read that turns out to have ended a round.
TAKE_TURNS: Final = """
update piece_turns t set took = true
  from unnest($2::uuid[], $3::uuid[]) as l (piece_id, read_id)
 where t.org_id = $1 and t.piece_id = l.piece_id and t.read_id = l.read_id
"""

# The last thing a transaction locks: whoever waits here for the minute of a place holds it up only
# until its commit.
COUNT_MINUTES: Final = """
insert into tag_minutes as m (org_id, location_id, minute, reads, pieces)
select $1, location_id, minute, reads, pieces
  from unnest($2::uuid[], $3::timestamptz[], $4::bigint[], $5::bigint[])
       as c (location_id, minute, reads, pieces)
 order by location_id, minute
on conflict (org_id, location_id, minute) do update
   set reads = m.reads + excluded.reads, pieces = m.pieces + excluded.pieces
returning location_id, minute, reads, pieces
"""
MINUTES: Final = """
select location_id, minute, reads, pieces from tag_minutes
 where org_id = $1 and minute >= $2 order by minute, location_id
"""

FIND: Final = "select id from pieces where org_id = $1 and gtin = $2 and serial = $3"
SIGHTINGS: Final = """
select w.gtin, w.serial, r.read_point, r.location_id, r.observed_at, r.recorded_at, r.count, r.rssi,
       r.presence, r.first_seen_at, d.code as device
  from unnest($2::text[], $3::text[]) as w (gtin, serial)
 cross join lateral (
       select * from raw_reads r
        where r.org_id = $1 and r.gtin = w.gtin and r.serial = w.serial
        order by r.observed_at desc, r.id desc limit $4) r
  join devices d on d.org_id = $1 and d.id = r.device_id
"""

# Units in stock that expire, by whose stock counts them and on which day.
EXPIRING: Final = """
select stock_location_id as location_id, product_id, expires_on, sum(units) as units
  from pieces
 where org_id = $1 and state = 'IN_STOCK' and expires_on is not null
   and stock_location_id is not null
 group by 1, 2, 3
"""

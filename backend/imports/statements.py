"""The set-based SQL of imports.

What was copied into temporary tables becomes sales, movements and levels.
"""

from typing import Final

SALE_COLUMNS: Final = (
    "id",
    "kind",
    "idempotency_key",
    "location_id",
    "channel",
    "sale_type",
    "sold_at",
    "business_day",
    "distributor_id",
    "sold_by",
    "customer_id",
    "segment",
    "ship_city",
    "ship_state",
    "ship_postal_code",
    "ship_region",
    "ship_country",
    "currency",
    "exchange_rate",
    "return_of",
)
LINE_COLUMNS: Final = (
    "sale_id",
    "line_no",
    "product_id",
    "quantity",
    "unit_price",
    "discount",
    "tax",
    "unit_cost",
    "gross",
    "discounted",
    "net",
    "cost",
    "business_day",
)
COPIED_LINE_COLUMNS: Final = (*LINE_COLUMNS, "moves")
ADJUSTMENT_COLUMNS: Final = (
    "location_id",
    "product_id",
    "quantity",
    "reason",
    "reference",
    "occurred_at",
)

TEMPORARY: Final = (
    "create temporary table import_sales (like sales) on commit drop",
    "alter table import_sales drop column org_id, drop column source, drop column recorded_at",
    "create temporary table import_lines (like sale_lines, moves boolean) on commit drop",
    "alter table import_lines drop column org_id",
    """create temporary table import_adjustments (location_id uuid, product_id uuid,
       quantity numeric(20, 4), reason text, reference text, occurred_at timestamptz)
       on commit drop""",
)
_SALES: Final = ", ".join(SALE_COLUMNS)
_LINES: Final = ", ".join(LINE_COLUMNS)
INSERT_SALES: Final = f"""
insert into sales (org_id, source, recorded_at, {_SALES})
select $1, 'IMPORT', $2, {_SALES} from import_sales
"""
INSERT_LINES: Final = f"""
insert into sale_lines (org_id, {_LINES}) select $1, {_LINES} from import_lines
"""
# Ids are UUIDv7 of one moment ($3, its first 24 characters) and count upwards, so that their index
# grows at its end; movements of one product come together, so that the other index is touched in
# few places.
INSERT_MOVEMENTS: Final = """
insert into stock_movements
       (org_id, id, location_id, product_id, quantity, reason, reference, occurred_at, recorded_at)
select $1, ($3 || lpad(to_hex(row_number() over ()), 12, '0'))::uuid, location_id, product_id,
       quantity, reason, reference, occurred_at, $2
  from (select s.location_id, l.product_id, s.kind as reason, 'import:sale:' || s.id as reference,
               case s.kind when 'SALE' then -l.quantity else l.quantity end as quantity,
               s.sold_at as occurred_at
          from import_lines l join import_sales s on s.id = l.sale_id where l.moves
        union all
        select location_id, product_id, reason, reference, quantity, occurred_at
          from import_adjustments
         order by location_id, product_id, occurred_at) moved
"""
# The arrays come in key order, as everywhere where levels are locked.
OPEN: Final = """
insert into stock_movements
       (org_id, id, location_id, product_id, quantity, reason, reference, occurred_at, recorded_at)
select $1, id, location_id, product_id, quantity, 'INITIAL', $3, $4, $2
  from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::numeric[])
       as o (id, location_id, product_id, quantity)
"""
POST: Final = """
insert into stock_levels as l
       (org_id, id, location_id, product_id, on_hand, version, reorder_point, updated_at)
select $1, d.id, d.location_id, d.product_id, d.quantity, d.movements, p.reorder_point, $2
  from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::numeric[], $7::int[])
       with ordinality as d (id, location_id, product_id, quantity, movements, n)
  join products p on p.org_id = $1 and p.id = d.product_id
 order by d.n
on conflict (org_id, location_id, product_id) do update
   set on_hand = l.on_hand + excluded.on_hand,
       version = l.version + excluded.version,
       updated_at = greatest(l.updated_at, excluded.updated_at)
returning l.id, l.location_id, l.product_id, l.on_hand, l.committed, l.unavailable, l.incoming,
          l.reorder_point, l.version, l.updated_at
"""
# Since when a ledger is kept otherwise than by imports: from then on it is known what lay there.
# The references of all that an import posts begin with 'import:'.
LEDGER_STARTS: Final = """
select m.location_id, m.product_id, min(m.occurred_at) as first_at
  from stock_movements m
 where m.org_id = $1 and m.location_id = any($2::uuid[])
   and (m.reference is null or m.reference not like 'import:%')
 group by 1, 2
"""
HAS_LEVELS: Final = """
select exists (select from stock_levels where org_id = $1 and location_id = any($2::uuid[])) as any
"""
IMPORTED: Final = """
select digest, effect_id from effect_key
 where org_id = $1 and kind = $2 and digest = any($3::bytea[])
"""
ADOPT_CURRENCY: Final = "select adopt_currency($1) as adopted"
APPEND: Final = "select append_events($1, $2, $3, $4, $5)"

ANALYSE: Final = "select analyse_sales()"
"""Questions right after a large import would otherwise be planned as if there were no rows."""

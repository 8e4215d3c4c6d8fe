-- What was lost is little beside what was sold: found by when it was.
create index stock_movements_lost on stock_movements (org_id, occurred_at) include (location_id, product_id, quantity, reason)
    where reason in ('COUNT', 'SHRINKAGE', 'DAMAGED');

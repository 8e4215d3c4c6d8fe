-- An import fills tables by the hundred thousand rows: what is asked of them right afterwards is planned on fresh statistics.
create function analyse_sales() returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    analyze sales, sale_lines, stock_movements, stock_levels, products, customers;
end $$;
revoke all on function analyse_sales from public;
grant execute on function analyse_sales to shelfcast_app;

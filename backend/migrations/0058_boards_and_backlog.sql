-- The block of a board that a comment is about, by its title then, and the version that was read.
alter table board_comments add column block text, add column number integer;

-- What the worker has left to do, of all organisations: reports that wait, how long the first of them has; months of sales that
-- were said to be let go and are still there, and since when that was said.
create function backlog() returns table (reports bigint, reports_seconds float8, months bigint, months_seconds float8)
language sql stable security definer set search_path = public, pg_temp as $$
    select waiting.count, coalesce(extract(epoch from clock_timestamp() - waiting.oldest), 0)::float8,
           left_over.count,
           case when left_over.count > 0
                then extract(epoch from clock_timestamp() - (select said_at from sales_kept)) else 0 end::float8
      from (select count(*), min(queued_at) as oldest from report_runs where state in ('QUEUED', 'RUNNING')) waiting
     cross join (
           select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = 'sale_lines'::regclass and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
              and to_date(right(c.relname, 7), 'YYYY_MM') < (select kept_from from sales_kept)) left_over
$$;
revoke all on function backlog from public;
grant execute on function backlog to shelfcast_auth;

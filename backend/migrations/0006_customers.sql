-- Customers under a pseudonym; what names a person is encrypted under a key of that person's own.

create table customers (
    org_id uuid not null,
    id uuid not null,
    reference_digest bytea not null,
    segment text,
    personal bytea,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (org_id, id),
    unique (org_id, reference_digest)
);
call isolate('customers');

create table customer_keys (
    org_id uuid not null,
    customer_id uuid not null,
    wrapped_key bytea not null,
    primary key (org_id, customer_id)
);
call isolate('customer_keys');

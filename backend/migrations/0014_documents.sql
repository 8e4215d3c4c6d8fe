-- GraphQL documents that clients registered; `id` is the SHA-256 of the text, in hexadecimal digits.
create table client_documents (
    org_id uuid not null,
    client_id text not null,
    id text not null check (id ~ '^[0-9a-f]{64}$'),
    body text not null,
    registered_at timestamptz not null,
    primary key (org_id, client_id, id)
);
call isolate('client_documents', 'select, insert, delete');

-- Clients that may ask for nothing but what they registered.
create table restricted_clients (
    org_id uuid not null,
    client_id text not null,
    restricted_at timestamptz not null,
    primary key (org_id, client_id)
);
call isolate('restricted_clients', 'select, insert, delete');

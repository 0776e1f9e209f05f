-- name: tables
SELECT table_schema, table_name, column_name, data_type, is_nullable = 'YES' AS nullable
FROM information_schema.columns
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
ORDER BY table_schema, table_name, ordinal_position
LIMIT 10000

-- name: check
SELECT current_setting('server_version') AS version, count(*) AS tables
FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')

-- name: state_of_data
SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS watermark,
       (SELECT coalesce(jsonb_object_agg(object_model, jsonb_build_array(covered_from, covered_until)), '{}')
          FROM facts.coverage
         WHERE client_id = $1 AND object_model = ANY ($2::text[])) AS coverage,
       ARRAY(SELECT object_model FROM lifecycle.bounds) AS archived

-- name: begin_statement
SAVEPOINT statement

-- name: undo_statement
ROLLBACK TO SAVEPOINT statement

-- name: rollups
-- of tallies also how many rows their tables have, as far as the planner knows, and how many the rows' own has; each
-- table is looked up by its oid: all of pg_class is long where there are many months
SELECT id, kept, cells,
       CASE WHEN tallied IS NOT NULL
            THEN (SELECT sum(greatest(reltuples, 0))
                    FROM pg_class
                   WHERE relkind <> 'p'
                     AND oid = ANY (facts_table::oid
                                    || ARRAY(SELECT inhrelid FROM pg_inherits WHERE inhparent = facts_table)))
       END AS rows,
       tallied
  FROM rollups.rollups
 CROSS JOIN LATERAL
       (SELECT jsonb_object_agg(name, coalesce((SELECT greatest(reltuples, 0)
                                                  FROM pg_class
                                                 WHERE oid = to_regclass(format('rollups.%I', name))), 0)) AS tallied
          FROM generate_series(0, jsonb_array_length(kept -> 'tallies') - 1) AS tally,
               jsonb_array_elements_text(kept -> 'levels') AS level,
               format('r%s_%s_v%s', id, level, tally) AS tables(name)) AS of_tallies
 CROSS JOIN LATERAL (SELECT to_regclass(format('facts.%I', object_model)) AS facts_table) AS of_rows
 WHERE status = 'ready' AND client_id IN ('', $1)
 ORDER BY id

-- name: marks_of_rollups
-- a row of each rollup that may be read at all, or one of each of its spans that may not, those that touch as one
SELECT rollups.id AS rollup_id, lower(span) AS starts, upper(span) AS ends, marks.every_state,
       coalesce((SELECT zone FROM rollups.zones WHERE zones.client_id = $1), 'UTC') AS zone
  FROM rollups.rollups
  LEFT JOIN (SELECT rollup_id, every_state, unnest(range_agg(tstzrange(starts, ends))) AS span
               FROM rollups.marks
              WHERE rollup_id = ANY ($2::integer[]) AND client_id IN ('', $1)
              GROUP BY rollup_id, every_state) AS marks
    ON marks.rollup_id = rollups.id
 WHERE rollups.id = ANY ($2::integer[]) AND rollups.status = 'ready' AND rollups.client_id IN ('', $1)

-- name: bounds
-- from when on there are rows, and archived ones; and from when on the client had loaded any
SELECT object_model, time_attribute, rows_from, nullif(archived_from, '-infinity') AS archived_from, covered_from
  FROM lifecycle.bounds
  LEFT JOIN facts.coverage USING (object_model)
 WHERE object_model = ANY ($2::text[]) AND coalesce(client_id, $1) = $1

-- name: archived_parts
SELECT id, name, columns, rows, digest
  FROM lifecycle.parts
 WHERE client_id = $1 AND object_model = $2 AND starts < $4 AND ends > $3 AND NOT id = ANY ($5::bigint[])
 ORDER BY starts

-- name: readable_columns
SELECT attname AS name, format_type(atttypid, NULL) AS type
  FROM pg_attribute
 WHERE attrelid = ('facts.' || quote_ident($1))::regclass AND attnum > 0 AND NOT attisdropped
   AND has_column_privilege(attrelid, attnum, 'select')
 ORDER BY attnum

-- name: have_client
-- the files are of one client, and do not name it
SELECT format('ALTER TABLE pg_temp.%I ALTER COLUMN client_id SET DEFAULT %L', $1::text, $2::text)

-- name: state_of_data
SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS watermark,
       (SELECT coalesce(jsonb_object_agg(object_model, jsonb_build_array(covered_from, covered_until)), '{}')
          FROM facts.coverage
         WHERE client_id = $1 AND object_model = ANY ($2::text[])) AS coverage

-- name: begin_statement
SAVEPOINT statement

-- name: undo_statement
ROLLBACK TO SAVEPOINT statement

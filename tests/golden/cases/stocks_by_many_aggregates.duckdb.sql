WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($13 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($13 AS BIGINT[]), 1) AS period
  ) AS r
), spans_0 AS (
  SELECT
    r.period,
    r.starts_at
  FROM (
    SELECT
      UNNEST(CAST($14 AS TIMESTAMPTZ[])) AS starts_at,
      GENERATE_SUBSCRIPTS(CAST($14 AS TIMESTAMPTZ[]), 1) AS period
  ) AS r
), scan_0 AS (
  SELECT
    e.period,
    QUANTILE_CONT(CAST(CASE WHEN f.ae_ends >= e.last_segment THEN f."fee" END AS DOUBLE), 0.5) AS s0,
    COUNT(DISTINCT f."plan") FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s1,
    SUM(f."fee") FILTER(WHERE
      f."started_at" < p.starts_at AND f.ae_ends >= e.last_segment) AS s2,
    COUNT(*) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s3,
    COUNT(*) AS s4,
    COUNT(f."fee") FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s5,
    COUNT(f."plan") FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s6,
    COUNT(*) FILTER(WHERE
      f."started_at" < p.starts_at AND f.ae_ends >= e.last_segment) AS s7,
    COUNT(*) FILTER(WHERE
      f."started_at" < p.starts_at) AS s8,
    COUNT(f."fee") FILTER(WHERE
      f."started_at" < p.starts_at AND f.ae_ends >= e.last_segment) AS s9
  FROM (
    SELECT
      f.*,
      CASE
        WHEN EPOCH_US(f."started_at") < CAST($4 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."started_at") - CAST($4 AS BIGINT)
            ) // CAST($5 AS BIGINT)
          ) + 1
        ) > LEN(CAST($6 AS BIGINT[]))
        THEN CAST($7 AS BIGINT)
        ELSE LIST_EXTRACT(
          (
            SELECT
              CAST($6 AS BIGINT[])
          ),
          (
            (
              EPOCH_US(f."started_at") - CAST($4 AS BIGINT)
            ) // CAST($5 AS BIGINT)
          ) + 1
        )
      END + CASE
        WHEN EPOCH_US(f."started_at") < CAST($2 AS BIGINT)
        THEN 0
        ELSE CASE WHEN EPOCH_US(f."started_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN EPOCH_US(f."ended_at") < CAST($4 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."ended_at") - CAST($4 AS BIGINT)
              ) // CAST($5 AS BIGINT)
            ) + 1
          ) > LEN(CAST($6 AS BIGINT[]))
          THEN CAST($7 AS BIGINT)
          ELSE LIST_EXTRACT(
            (
              SELECT
                CAST($6 AS BIGINT[])
            ),
            (
              (
                EPOCH_US(f."ended_at") - CAST($4 AS BIGINT)
              ) // CAST($5 AS BIGINT)
            ) + 1
          )
        END + CASE
          WHEN EPOCH_US(f."ended_at") < CAST($2 AS BIGINT)
          THEN 0
          ELSE CASE WHEN EPOCH_US(f."ended_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST($8 AS BIGINT)
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($9 AS TEXT) AND f."started_at" < CAST($1 AS TIMESTAMPTZ)
  ) AS f
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  JOIN spans_0 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = CAST($9 AS TEXT)
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f."fee" AS value,
    CASE WHEN f.ae_ends >= e.last_segment THEN 1 ELSE 0 END AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE
        WHEN NOT (
          f."fee"
        ) IS NULL AND f.ae_ends >= e.last_segment
        THEN 1
        ELSE 0
      END DESC, f."started_at" ASC, f."sub_id" ASC, f."started_at" ASC
    ) AS place
  FROM (
    SELECT
      f.*,
      CASE
        WHEN EPOCH_US(f."started_at") < CAST($4 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."started_at") - CAST($4 AS BIGINT)
            ) // CAST($5 AS BIGINT)
          ) + 1
        ) > LEN(CAST($6 AS BIGINT[]))
        THEN CAST($7 AS BIGINT)
        ELSE LIST_EXTRACT(
          (
            SELECT
              CAST($6 AS BIGINT[])
          ),
          (
            (
              EPOCH_US(f."started_at") - CAST($4 AS BIGINT)
            ) // CAST($5 AS BIGINT)
          ) + 1
        )
      END + CASE
        WHEN EPOCH_US(f."started_at") < CAST($2 AS BIGINT)
        THEN 0
        ELSE CASE WHEN EPOCH_US(f."started_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN EPOCH_US(f."ended_at") < CAST($4 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."ended_at") - CAST($4 AS BIGINT)
              ) // CAST($5 AS BIGINT)
            ) + 1
          ) > LEN(CAST($6 AS BIGINT[]))
          THEN CAST($7 AS BIGINT)
          ELSE LIST_EXTRACT(
            (
              SELECT
                CAST($6 AS BIGINT[])
            ),
            (
              (
                EPOCH_US(f."ended_at") - CAST($4 AS BIGINT)
              ) // CAST($5 AS BIGINT)
            ) + 1
          )
        END + CASE
          WHEN EPOCH_US(f."ended_at") < CAST($2 AS BIGINT)
          THEN 0
          ELSE CASE WHEN EPOCH_US(f."ended_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST($8 AS BIGINT)
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($9 AS TEXT) AND f."started_at" < CAST($1 AS TIMESTAMPTZ)
  ) AS f
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f."client_id" = CAST($9 AS TEXT)
), scan_1 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s10,
    COUNT(*) FILTER(WHERE
      there = 1) AS s11,
    COUNT(*) AS s12
  FROM scan_1_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s3, 0) AS r0,
    COALESCE(scan_0.s4, 0) AS p0,
    COALESCE(scan_0.s5, 0) AS n0,
    scan_1.s10 AS t1,
    COALESCE(scan_1.s11, 0) AS r1,
    COALESCE(scan_1.s12, 0) AS p1,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s1, 0)
    END AS t2,
    COALESCE(scan_0.s3, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS p2,
    COALESCE(scan_0.s6, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s7, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t3,
    COALESCE(scan_0.s7, 0) AS r3,
    COALESCE(scan_0.s8, 0) AS p3,
    COALESCE(scan_0.s9, 0) AS n3
  FROM (
    SELECT
      UNNEST(CAST($10 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($10 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3
FROM terms
ORDER BY
  period ASC
LIMIT CAST($11 AS BIGINT)
OFFSET CAST($12 AS BIGINT)

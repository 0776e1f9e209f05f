WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($15 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($15 AS BIGINT[]), 1) AS period
  ) AS r
), a0_scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    f."plan" AS d0,
    SUM(f."fee") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2
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
  WHERE
    f."client_id" = CAST($9 AS TEXT)
  GROUP BY
    1,
    2,
    3
), a0_scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2
  FROM a0_scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), members AS (
  SELECT
    c.owner,
    c.d0
  FROM (
    SELECT
      o.owner,
      s.d0
    FROM a0_scan_0_0 AS s
    JOIN (
      SELECT
        UNNEST(CAST($10 AS BIGINT[])) AS owner,
        GENERATE_SUBSCRIPTS(CAST($10 AS BIGINT[]), 1) AS period
    ) AS o
      ON o.period = s.period
  ) AS c
  GROUP BY
    c.owner,
    c.d0
), a0_cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS decimal_0,
    s1 AS integer_0,
    s2 AS integer_1
  FROM a0_scan_0_0
  UNION ALL
  SELECT
    o.period,
    m.d0,
    1 AS piece,
    NULL AS decimal_0,
    NULL AS integer_0,
    NULL AS integer_1
  FROM (
    SELECT
      UNNEST(CAST($10 AS BIGINT[])) AS owner,
      GENERATE_SUBSCRIPTS(CAST($10 AS BIGINT[]), 1) AS period
  ) AS o
  JOIN members AS m
    ON o.owner = m.owner
), a0_merged AS (
  SELECT
    period,
    d0,
    MAX(decimal_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s2
  FROM a0_cells
  GROUP BY
    period,
    d0
), a0_terms AS (
  SELECT
    spine.period,
    a0_merged.d0,
    CASE
      WHEN COALESCE(a0_merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE a0_merged.s0
    END AS t0,
    COALESCE(a0_merged.s1, 0) AS r0,
    COALESCE(a0_merged.s2, 0) AS p0,
    spine.owner
  FROM (
    SELECT
      UNNEST(CAST($11 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($10 AS BIGINT[])) AS owner,
      GENERATE_SUBSCRIPTS(CAST($11 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN a0_merged
    ON a0_merged.period = spine.period
), a0_days AS (
  SELECT
    owner,
    d0,
    t0 AS value,
    p0 AS present
  FROM a0_terms
), a0_mean AS (
  SELECT
    owner AS period,
    d0,
    CASE
      WHEN COUNT(*) = COUNT(value)
      THEN CAST(SUM(value) AS DOUBLE) / NULLIF(CAST(COUNT(value) AS DOUBLE), 0)
    END AS m0,
    CAST(SUM(present) AS BIGINT) AS m0_rows
  FROM a0_days
  GROUP BY
    owner,
    d0
), terms AS (
  SELECT
    spine.period,
    a0_mean.d0,
    a0_mean.m0,
    a0_mean.m0_rows
  FROM (
    SELECT
      UNNEST(CAST($12 AS BIGINT[])) AS owner,
      GENERATE_SUBSCRIPTS(CAST($12 AS BIGINT[]), 1) AS period
  ) AS spine
  JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  d0,
  m0 AS k0,
  m0 AS v0,
  COALESCE(m0_rows, 0) AS r0
FROM terms
WHERE
  m0_rows > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($13 AS BIGINT)
OFFSET CAST($14 AS BIGINT)

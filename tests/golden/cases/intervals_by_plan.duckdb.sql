WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($13 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($13 AS BIGINT[]), 1) AS period
  ) AS r
), scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    f."plan" AS d0,
    SUM(f."fee") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f."fee") AS a3
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
), scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0_0.d0,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS p0,
    COALESCE(scan_0_0.s3, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s1
    END AS t1,
    COALESCE(scan_0_0.s1, 0) AS r1,
    COALESCE(scan_0_0.s2, 0) AS p1
  FROM (
    SELECT
      UNNEST(CAST($10 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($10 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN scan_0_0
    ON scan_0_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1
FROM terms
WHERE
  (
    p0 > 0 OR p1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($11 AS BIGINT)
OFFSET CAST($12 AS BIGINT)

WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($24 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($24 AS BIGINT[]), 1) AS period
  ) AS r
), cut_1 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($25 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($25 AS BIGINT[]), 1) AS period
  ) AS r
), cut_2 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($26 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($26 AS BIGINT[]), 1) AS period
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
        WHEN EPOCH_US(f."started_at") < CAST($6 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."started_at") - CAST($6 AS BIGINT)
            ) // CAST($7 AS BIGINT)
          ) + 1
        ) > LEN(CAST($8 AS BIGINT[]))
        THEN CAST($9 AS BIGINT)
        ELSE LIST_EXTRACT(
          (
            SELECT
              CAST($8 AS BIGINT[])
          ),
          (
            (
              EPOCH_US(f."started_at") - CAST($6 AS BIGINT)
            ) // CAST($7 AS BIGINT)
          ) + 1
        )
      END + CASE
        WHEN EPOCH_US(f."started_at") < CAST($2 AS BIGINT)
        THEN 0
        ELSE CASE WHEN EPOCH_US(f."started_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($4 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($5 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN EPOCH_US(f."ended_at") < CAST($6 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."ended_at") - CAST($6 AS BIGINT)
              ) // CAST($7 AS BIGINT)
            ) + 1
          ) > LEN(CAST($8 AS BIGINT[]))
          THEN CAST($9 AS BIGINT)
          ELSE LIST_EXTRACT(
            (
              SELECT
                CAST($8 AS BIGINT[])
            ),
            (
              (
                EPOCH_US(f."ended_at") - CAST($6 AS BIGINT)
              ) // CAST($7 AS BIGINT)
            ) + 1
          )
        END + CASE
          WHEN EPOCH_US(f."ended_at") < CAST($2 AS BIGINT)
          THEN 0
          ELSE CASE WHEN EPOCH_US(f."ended_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($4 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($5 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST($10 AS BIGINT)
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($11 AS TEXT) AND f."started_at" < CAST($1 AS TIMESTAMPTZ)
  ) AS f
  WHERE
    f."client_id" = CAST($11 AS TEXT)
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
), scan_0_1 AS (
  SELECT
    e.period,
    s.d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS s4,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS BIGINT) AS s5,
    CAST(SUM(s.a2) AS BIGINT) AS s6,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END) AS BIGINT) AS s7
  FROM scan_0 AS s
  JOIN cut_1 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    SUM(f."fee") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f."fee") AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN EPOCH_US(f."started_at") < CAST($15 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."started_at") - CAST($15 AS BIGINT)
            ) // CAST($16 AS BIGINT)
          ) + 1
        ) > LEN(CAST($17 AS BIGINT[]))
        THEN CAST($18 AS BIGINT)
        ELSE LIST_EXTRACT(
          (
            SELECT
              CAST($17 AS BIGINT[])
          ),
          (
            (
              EPOCH_US(f."started_at") - CAST($15 AS BIGINT)
            ) // CAST($16 AS BIGINT)
          ) + 1
        )
      END + CASE
        WHEN EPOCH_US(f."started_at") < CAST($13 AS BIGINT)
        THEN 0
        ELSE CASE WHEN EPOCH_US(f."started_at") >= CAST($13 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($14 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN EPOCH_US(f."ended_at") < CAST($15 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."ended_at") - CAST($15 AS BIGINT)
              ) // CAST($16 AS BIGINT)
            ) + 1
          ) > LEN(CAST($17 AS BIGINT[]))
          THEN CAST($18 AS BIGINT)
          ELSE LIST_EXTRACT(
            (
              SELECT
                CAST($17 AS BIGINT[])
            ),
            (
              (
                EPOCH_US(f."ended_at") - CAST($15 AS BIGINT)
              ) // CAST($16 AS BIGINT)
            ) + 1
          )
        END + CASE
          WHEN EPOCH_US(f."ended_at") < CAST($13 AS BIGINT)
          THEN 0
          ELSE CASE WHEN EPOCH_US(f."ended_at") >= CAST($13 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($14 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST($19 AS BIGINT)
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($11 AS TEXT) AND f."started_at" < CAST($12 AS TIMESTAMPTZ)
  ) AS f
  WHERE
    f."client_id" = CAST($11 AS TEXT)
  GROUP BY
    1,
    2
), scan_1_0 AS (
  SELECT
    e.period,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS s8,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS BIGINT) AS s9,
    CAST(SUM(s.a2) AS BIGINT) AS s10,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END) AS BIGINT) AS s11
  FROM scan_1 AS s
  JOIN cut_2 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS decimal_0,
    s1 AS integer_0,
    s2 AS integer_1,
    s3 AS integer_2
  FROM scan_0_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s4 AS decimal_0,
    s5 AS integer_0,
    s6 AS integer_1,
    s7 AS integer_2
  FROM scan_0_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(decimal_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s2,
    MAX(integer_2) FILTER(WHERE
      piece = 0) AS s3,
    MAX(decimal_0) FILTER(WHERE
      piece = 1) AS s4,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s5,
    MAX(integer_1) FILTER(WHERE
      piece = 1) AS s6,
    MAX(integer_2) FILTER(WHERE
      piece = 1) AS s7
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period,
    merged.d0,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s1, 0) AS r0,
    COALESCE(merged.s2, 0) AS p0,
    COALESCE(merged.s3, 0) AS n0,
    CASE
      WHEN COALESCE(merged.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s4
    END AS t1,
    COALESCE(merged.s5, 0) AS r1,
    COALESCE(merged.s6, 0) AS p1,
    COALESCE(merged.s7, 0) AS n1,
    CASE
      WHEN COALESCE(scan_1_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1_0.s8
    END AS t2,
    COALESCE(scan_1_0.s9, 0) AS r2,
    COALESCE(scan_1_0.s10, 0) AS p2,
    COALESCE(scan_1_0.s11, 0) AS n2
  FROM (
    SELECT
      UNNEST(CAST($20 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($21 AS BOOLEAN[])) AS covered_1,
      GENERATE_SUBSCRIPTS(CAST($20 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
  LEFT JOIN scan_1_0
    ON scan_1_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  CASE
    WHEN t0 > 0
    THEN CAST((
      t1 - t0
    ) AS DOUBLE) / NULLIF(CAST(t0 AS DOUBLE), 0)
  END AS k1,
  CAST(t1 AS DOUBLE) / NULLIF(CAST(t2 AS DOUBLE), 0) AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2
FROM terms
WHERE
  (
    p0 > 0 OR p1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($22 AS BIGINT)
OFFSET CAST($23 AS BIGINT)

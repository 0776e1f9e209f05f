WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    f."weight" >= 4 AS d0,
    COUNT(*) AS s0,
    COUNT(*) FILTER(WHERE
      (
        f."weight" >= 4
      ) AND (
        f."distance" > 20
      )) AS s1
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    CAST(1 AS INT) AS period,
    j1."weight" >= 4 AS d0,
    COUNT(*) AS s2
  FROM "facts"."order_line" AS f
  LEFT JOIN "facts"."order" AS j1
    ON j1."client_id" = f."client_id" AND j1."order_id" = f."order_id"
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."booked_at" >= CAST($2 AS TIMESTAMPTZ)
    AND f."booked_at" < CAST($3 AS TIMESTAMPTZ)
    AND j1."weight" >= 4
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS integer_0,
    s1 AS integer_1
  FROM scan_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s2 AS integer_0,
    NULL AS integer_1
  FROM scan_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s2
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period,
    merged.d0,
    CASE
      WHEN COALESCE(merged.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s0, 0) AS r0,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s1
    END AS t1,
    COALESCE(merged.s1, 0) AS r1,
    CASE
      WHEN COALESCE(merged.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s2
    END AS t2,
    COALESCE(merged.s2, 0) AS r2
  FROM (
    SELECT
      UNNEST(CAST($4 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($5 AS BOOLEAN[])) AS covered_1,
      GENERATE_SUBSCRIPTS(CAST($4 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
), repeated_order AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      f."order_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  (
    SELECT
      COUNT(*)
    FROM repeated_order
  ) AS repeated_order
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0 OR r2 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)

WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COALESCE(c0.value, 0) AS d0,
    CASE
      WHEN f."weight" >= 4
      THEN CAST($4 AS TEXT)
      WHEN f."weight" IS NULL
      THEN CAST($5 AS TEXT)
      ELSE CAST($6 AS TEXT)
    END AS d1,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      COUNT(*) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2,
    3
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    scan_0.d1,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  d1,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC,
  d1 ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)

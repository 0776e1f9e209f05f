WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(COALESCE(c0.value, 0)) AS s0,
    COUNT(COALESCE(c0.value, 0)) AS s1,
    SUM(CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS BIGINT)) AS s2,
    MAX(CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS BIGINT)) AS s3,
    MIN(CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS BIGINT)) AS s4,
    MAX(c2.value) AS s5,
    MIN(c3.value) AS s6,
    SUM(c4.value) AS s7,
    COUNT(CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS BIGINT)) AS s8,
    COUNT(*) AS s9,
    COUNT(c2.value) AS s10,
    COUNT(c3.value) AS s11,
    COUNT(c4.value) AS s12
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      FALSE
  ) AS f
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
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      SUM(f."quantity") AS value,
      COUNT(*) AS children
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      CAST(SUM(f."unit_price") AS DECIMAL) / NULLIF(COUNT(f."unit_price"), 0) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c2
    ON c2.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      MIN(f."unit_price") AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c3
    ON c3.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      MAX(f."quantity") AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c4
    ON c4.k0 = f."order_id"
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CAST(scan_0.s0 AS DECIMAL) / NULLIF(scan_0.s1, 0) AS t0,
    COALESCE(scan_0.s9, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t1,
    COALESCE(scan_0.s9, 0) AS r1,
    scan_0.s3 AS t2,
    COALESCE(scan_0.s9, 0) AS r2,
    scan_0.s4 AS t3,
    COALESCE(scan_0.s9, 0) AS r3,
    scan_0.s5 AS t4,
    COALESCE(scan_0.s9, 0) AS r4,
    COALESCE(scan_0.s10, 0) AS n4,
    scan_0.s6 AS t5,
    COALESCE(scan_0.s9, 0) AS r5,
    COALESCE(scan_0.s11, 0) AS n5,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s7
    END AS t6,
    COALESCE(scan_0.s9, 0) AS r6,
    COALESCE(scan_0.s12, 0) AS n6,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s8
    END AS t7,
    COALESCE(scan_0.s9, 0) AS r7
  FROM UNNEST(CAST($4 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t5 AS k5,
  t6 AS k6,
  t7 AS k7,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  n5,
  t6 AS v6,
  r6,
  n6,
  t7 AS v7,
  r7
FROM terms
ORDER BY
  period ASC
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)

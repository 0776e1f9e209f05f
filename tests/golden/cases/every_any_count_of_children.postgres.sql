WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 1) = 1) AS s0,
    COUNT(*) FILTER(WHERE
      COALESCE(c1.value, 0) = 1) AS s1,
    COUNT(*) FILTER(WHERE
      COALESCE(c2.value, 0) = 1) AS s2,
    COUNT(*) FILTER(WHERE
      COALESCE(c3.value, 0) = CAST($5 AS BIGINT)) AS s3
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
      MIN(CASE WHEN f."quantity" >= CAST($4 AS BIGINT) THEN 1 ELSE 0 END) AS value
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
      MAX(CASE WHEN f."quantity" >= CAST($4 AS BIGINT) THEN 1 ELSE 0 END) AS value
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
      MAX(1) AS value
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
      COUNT(*) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c3
    ON c3.k0 = f."order_id"
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s2, 0) AS r2,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s3, 0) AS r3
  FROM UNNEST(CAST($6 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3
FROM terms
ORDER BY
  period ASC
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)

WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s0
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."delivered_at", CAST($1 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."delivered_at" >= CAST($3 AS TIMESTAMPTZ)
      AND f."delivered_at" < CAST($4 AS TIMESTAMPTZ)
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
      q."order_id" AS k0,
      MAX(1) AS value
    FROM "facts"."purchase" AS f
    JOIN "facts"."order" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND f."purchased_at" >= q."delivered_at"
      AND f."purchased_at" < q."delivered_at" + INTERVAL '691200 seconds'
    WHERE
      f."client_id" = CAST($2 AS TEXT)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  WHERE
    COALESCE(c0.value, 0) = 1
  GROUP BY
    1
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s1
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."ordered_at", CAST($1 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."ordered_at" >= CAST($3 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($4 AS TIMESTAMPTZ)
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
      q."order_id" AS k0,
      MAX(1) AS value
    FROM "facts"."purchase" AS f
    JOIN "facts"."order" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND f."purchased_at" >= q."ordered_at"
      AND f."purchased_at" < q."ordered_at" + INTERVAL '691200 seconds'
    WHERE
      f."client_id" = CAST($2 AS TEXT)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  WHERE
    COALESCE(c0.value, 0) = 1
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
      WHEN COALESCE(scan_1.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)

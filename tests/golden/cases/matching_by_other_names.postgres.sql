WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s0
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."visit" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."visited_at" >= CAST($2 AS TIMESTAMPTZ)
      AND f."visited_at" < CAST($3 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."visit" AS f
    WHERE
      FALSE
  ) AS f
  LEFT JOIN (
    SELECT
      q."visit_id" AS k0,
      MAX(1) AS value
    FROM "facts"."purchase" AS f
    JOIN "facts"."visit" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND q."campaign" = f."campaign"
      AND f."purchased_at" >= q."visited_at"
      AND f."purchased_at" < q."visited_at" + INTERVAL '604800 seconds'
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."visit_id"
  WHERE
    COALESCE(c0.value, 0) = 1
  GROUP BY
    1
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 0) = 1) AS s1,
    COUNT(*) FILTER(WHERE
      COALESCE(c1.value, 0) = 1) AS s2
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."transfer" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."moved_on" >= CAST($4 AS DATE)
      AND f."moved_on" < CAST($5 AS DATE)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."transfer" AS f
    WHERE
      FALSE
  ) AS f
  LEFT JOIN (
    SELECT
      f."warehouse_id" AS k0,
      MAX(1) AS value
    FROM "facts"."stock" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."destination_id"
  LEFT JOIN (
    SELECT
      f."warehouse_id" AS k0,
      MAX(CASE WHEN f."quantity" > CAST($6 AS BIGINT) THEN 1 ELSE 0 END) AS value
    FROM "facts"."stock" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f."destination_id"
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
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s2
    END AS t2,
    COALESCE(scan_1.s2, 0) AS r2
  FROM UNNEST(CAST($7 AS BOOLEAN[]), CAST($8 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS k1,
  t1 AS k2,
  t2 AS k3,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)

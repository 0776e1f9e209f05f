WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 0) = 1) AS s0,
    COUNT(*) FILTER(WHERE
      COALESCE(c1.value, 0) = 1) AS s1
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."visited_at", CAST($1 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."visit" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."visited_at" >= CAST($3 AS TIMESTAMPTZ)
      AND f."visited_at" < CAST($4 AS TIMESTAMPTZ)
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
    FROM "facts"."cart" AS f
    JOIN "facts"."visit" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND f."filled_at" >= q."visited_at"
      AND f."filled_at" < q."visited_at" + INTERVAL '86400 seconds'
    WHERE
      f."client_id" = CAST($2 AS TEXT)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."visit_id"
  LEFT JOIN (
    SELECT
      q."visit_id" AS k0,
      MAX(1) AS value
    FROM "facts"."cart" AS f
    LEFT JOIN (
      SELECT
        q."cart_id" AS k0,
        MAX(1) AS value
      FROM "facts"."purchase" AS f
      JOIN "facts"."cart" AS q
        ON q."client_id" = f."client_id"
        AND q."customer_id" = f."customer_id"
        AND f."purchased_at" >= q."filled_at"
        AND f."purchased_at" < q."filled_at" + INTERVAL '604800 seconds'
      WHERE
        f."client_id" = CAST($2 AS TEXT)
      GROUP BY
        1
    ) AS c0
      ON c0.k0 = f."cart_id"
    JOIN "facts"."visit" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND f."filled_at" >= q."visited_at"
      AND f."filled_at" < q."visited_at" + INTERVAL '86400 seconds'
    WHERE
      f."client_id" = CAST($2 AS TEXT) AND COALESCE(c0.value, 0) = 1
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f."visit_id"
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
    COALESCE(scan_0.s1, 0) AS r1
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
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

WITH scan_0_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."visited_at") - CAST($1 AS BIGINT)
      ) // CAST($2 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 0) = 1) AS s0,
    COUNT(*) FILTER(WHERE
      COALESCE(c1.value, 0) = 1) AS s1
  FROM "facts"."visit" AS f
  LEFT JOIN (
    SELECT
      q."visit_id" AS k0,
      MAX(1) AS value
    FROM "facts"."cart" AS f
    JOIN "facts"."visit" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND f."filled_at" >= q."visited_at"
      AND f."filled_at" < q."visited_at" + TO_SECONDS(86400)
    WHERE
      f."client_id" = CAST($3 AS TEXT)
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
        AND f."purchased_at" < q."filled_at" + TO_SECONDS(604800)
      WHERE
        f."client_id" = CAST($3 AS TEXT)
      GROUP BY
        1
    ) AS c0
      ON c0.k0 = f."cart_id"
    JOIN "facts"."visit" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND f."filled_at" >= q."visited_at"
      AND f."filled_at" < q."visited_at" + TO_SECONDS(86400)
    WHERE
      f."client_id" = CAST($3 AS TEXT) AND COALESCE(c0.value, 0) = 1
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f."visit_id"
  WHERE
    f."client_id" = CAST($3 AS TEXT)
    AND f."visited_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."visited_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($6 AS BIGINT[])
    ), cell) AS period,
    CAST(SUM(s0) AS BIGINT) AS s0,
    CAST(SUM(s1) AS BIGINT) AS s1
  FROM scan_0_fine
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
  FROM (
    SELECT
      UNNEST(CAST($7 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($7 AS BOOLEAN[]), 1) AS period
  ) AS spine
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
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)

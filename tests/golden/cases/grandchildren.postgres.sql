WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 1) = 1) AS s0,
    SUM(CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS BIGINT)) AS s1,
    COUNT(*) AS s2
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
      MIN(
        CASE
          WHEN CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT) >= f."quantity"
          THEN 1
          ELSE 0
        END
      ) AS value
    FROM "facts"."order_line" AS f
    LEFT JOIN (
      SELECT
        f."line_id" AS k0,
        SUM(f."quantity") AS value,
        COUNT(*) AS children
      FROM "facts"."shipment" AS f
      WHERE
        f."client_id" = CAST($1 AS TEXT)
      GROUP BY
        1
    ) AS c0
      ON c0.k0 = f."line_id"
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      SUM(CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT)) AS value,
      COUNT(*) AS children
    FROM "facts"."order_line" AS f
    LEFT JOIN (
      SELECT
        f."line_id" AS k0,
        SUM(f."quantity") AS value,
        COUNT(*) AS children
      FROM "facts"."shipment" AS f
      WHERE
        f."client_id" = CAST($1 AS TEXT)
      GROUP BY
        1
    ) AS c0
      ON c0.k0 = f."line_id"
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f."order_id"
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
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s2, 0) AS r1
  FROM UNNEST(CAST($4 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
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
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)

WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($8 AS BIGINT[]), CAST($9 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($10 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), spans_0 AS (
  SELECT
    r.period,
    r.ends_at
  FROM UNNEST(CAST($11 AS TIMESTAMPTZ[])) WITH ORDINALITY AS r(ends_at, period)
), scan_0 AS (
  SELECT
    e.period,
    COUNT(*) AS s0
  FROM "facts"."order_line" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."booked_at", CAST($2 AS TIMESTAMPTZ[]))
  LEFT JOIN (
    SELECT
      f."line_id" AS k0,
      e.period AS k1,
      SUM(f."quantity") AS value,
      COUNT(*) AS children
    FROM "facts"."shipment" AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = CAST($1 AS TEXT) AND f."shipped_at" < p.ends_at
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = f."line_id" AND c0.k1 = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT) >= f."quantity"
  GROUP BY
    1
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s1
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."booked_at", CAST($2 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."booked_at" >= CAST($3 AS TIMESTAMPTZ)
      AND f."booked_at" < CAST($4 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order_line" AS f
    WHERE
      FALSE
  ) AS f
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
    CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT) >= f."quantity"
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

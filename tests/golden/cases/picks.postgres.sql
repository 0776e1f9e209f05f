WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($6 AS BIGINT[]), CAST($7 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($8 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period,
    f."quantity" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."product_id", f."warehouse_id"
      ORDER BY CASE WHEN NOT (
        f."quantity"
      ) IS NULL THEN 1 ELSE 0 END DESC NULLS LAST, f."taken_at" DESC NULLS LAST, f."product_id" DESC NULLS LAST, f."warehouse_id" DESC NULLS LAST, f."taken_at" DESC NULLS LAST
    ) AS place
  FROM "facts"."stock" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."taken_at", CAST($2 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_0 AS (
  SELECT
    period,
    SUM(value) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    COUNT(*) FILTER(WHERE
      there = 1) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f."quantity" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."product_id"
      ORDER BY CASE WHEN NOT (
        f."quantity"
      ) IS NULL THEN 1 ELSE 0 END DESC NULLS LAST, f."taken_at" DESC NULLS LAST, f."product_id" DESC NULLS LAST, f."warehouse_id" DESC NULLS LAST, f."taken_at" DESC NULLS LAST
    ) AS place
  FROM "facts"."stock" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."taken_at", CAST($2 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_1 AS (
  SELECT
    period,
    SUM(value) FILTER(WHERE
      place = 1 AND there = 1) AS s2,
    COUNT(value) FILTER(WHERE
      place = 1 AND there = 1) AS s3,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s4,
    COUNT(*) FILTER(WHERE
      there = 1) AS s5
  FROM scan_1_rows
  GROUP BY
    1
), scan_2_rows AS (
  SELECT
    e.period,
    f."quantity" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."product_id"
      ORDER BY CASE WHEN NOT (
        f."quantity"
      ) IS NULL THEN 1 ELSE 0 END DESC NULLS LAST, f."taken_at" ASC, f."product_id" ASC, f."warehouse_id" ASC, f."taken_at" ASC
    ) AS place
  FROM "facts"."stock" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."taken_at", CAST($2 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_2 AS (
  SELECT
    period,
    SUM(value) FILTER(WHERE
      place = 1 AND there = 1) AS s6,
    COUNT(*) FILTER(WHERE
      there = 1) AS s7
  FROM scan_2_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    CASE
      WHEN COALESCE(scan_1.s5, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s2
    END AS t1,
    COALESCE(scan_1.s5, 0) AS r1,
    CAST(scan_1.s2 AS DECIMAL) / NULLIF(scan_1.s3, 0) AS t2,
    COALESCE(scan_1.s5, 0) AS r2,
    scan_1.s4 AS t3,
    COALESCE(scan_1.s5, 0) AS r3,
    CASE
      WHEN COALESCE(scan_1.s5, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s3
    END AS t4,
    COALESCE(scan_1.s5, 0) AS r4,
    CASE
      WHEN COALESCE(scan_2.s7, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_2.s6
    END AS t5,
    COALESCE(scan_2.s7, 0) AS r5
  FROM UNNEST(CAST($3 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t5 AS k5,
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
  t5 AS v5,
  r5
FROM terms
ORDER BY
  period ASC
LIMIT CAST($4 AS BIGINT)
OFFSET CAST($5 AS BIGINT)

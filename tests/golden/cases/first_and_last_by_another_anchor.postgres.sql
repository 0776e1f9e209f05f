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
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f."weight"
      ) IS NULL THEN 1 ELSE 0 END DESC NULLS LAST, f."delivered_at" ASC, f."order_id" ASC
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."delivered_at", CAST($2 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_0 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    COUNT(*) FILTER(WHERE
      there = 1) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f."weight"
      ) IS NULL THEN 1 ELSE 0 END DESC NULLS LAST, f."delivered_at" DESC NULLS LAST, f."order_id" DESC NULLS LAST
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."delivered_at", CAST($2 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_1 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s2,
    COUNT(*) FILTER(WHERE
      there = 1) AS s3
  FROM scan_1_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    scan_1.s2 AS t1,
    COALESCE(scan_1.s3, 0) AS r1
  FROM UNNEST(CAST($3 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
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
LIMIT CAST($4 AS BIGINT)
OFFSET CAST($5 AS BIGINT)

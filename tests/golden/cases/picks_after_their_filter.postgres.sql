WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($7 AS BIGINT[]), CAST($8 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($9 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
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
    ON e.segment = WIDTH_BUCKET(f."taken_at", CAST($3 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND f."warehouse_id" = CAST($2 AS TEXT)
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
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0
  FROM UNNEST(CAST($4 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
ORDER BY
  period ASC
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)

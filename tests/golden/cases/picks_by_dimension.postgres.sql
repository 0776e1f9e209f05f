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
    f."store" AS d0,
    f."amount" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."store", f."customer_id"
      ORDER BY CASE WHEN NOT (
        f."amount"
      ) IS NULL THEN 1 ELSE 0 END DESC NULLS LAST, f."sold_on" DESC NULLS LAST, f."sale_id" DESC NULLS LAST
    ) AS place
  FROM "facts"."sale" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."sold_on", CAST($2 AS DATE[]))
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_0 AS (
  SELECT
    period,
    d0,
    SUM(value) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    COUNT(*) FILTER(WHERE
      there = 1) AS s1
  FROM scan_0_rows
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0
  FROM UNNEST(CAST($3 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($4 AS BIGINT)
OFFSET CAST($5 AS BIGINT)

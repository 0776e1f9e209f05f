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
), spans_0 AS (
  SELECT
    r.period,
    r.ends_at
  FROM UNNEST(CAST($9 AS TIMESTAMPTZ[])) WITH ORDINALITY AS r(ends_at, period)
), scan_0 AS (
  SELECT
    e.period,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."ordered_at", CAST($2 AS TIMESTAMPTZ[]))
  JOIN spans_0 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND f."delivered_at" < p.ends_at
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
    COALESCE(scan_0.s0, 0) AS r0
  FROM UNNEST(CAST($3 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
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
LIMIT CAST($4 AS BIGINT)
OFFSET CAST($5 AS BIGINT)

WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($10 AS BIGINT[]), CAST($11 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($12 AS BIGINT[]), CAST($13 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), cut_2 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($14 AS BIGINT[]), CAST($15 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($16 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($17 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($18 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), spans_0 AS (
  SELECT
    r.period,
    r.starts_at
  FROM UNNEST(CAST($19 AS TIMESTAMPTZ[])) WITH ORDINALITY AS r(starts_at, period)
), spans_1 AS (
  SELECT
    r.period,
    r.ends_at
  FROM UNNEST(CAST($20 AS TIMESTAMPTZ[])) WITH ORDINALITY AS r(ends_at, period)
), spans_2 AS (
  SELECT
    r.period,
    r.ends_at
  FROM UNNEST(CAST($21 AS TIMESTAMPTZ[])) WITH ORDINALITY AS r(ends_at, period)
), scan_0 AS (
  SELECT
    e.period,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."ordered_at", CAST($2 AS TIMESTAMPTZ[]))
  LEFT JOIN (
    SELECT
      f."customer_id" AS k0,
      e.period AS k1,
      MAX(1) AS value
    FROM "facts"."subscription" AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."started_at" < p.starts_at
      AND (
        f."ended_at" IS NULL OR f."ended_at" >= p.starts_at
      )
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = f."customer_id" AND c0.k1 = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND COALESCE(c0.value, 0) = 1
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period,
    COUNT(*) AS s1
  FROM "facts"."order" AS f
  JOIN pairs_1 AS e
    ON e.segment = WIDTH_BUCKET(f."ordered_at", CAST($3 AS TIMESTAMPTZ[]))
  JOIN spans_1 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND f."delivered_at" < p.ends_at
  GROUP BY
    1
), scan_2 AS (
  SELECT
    e.period,
    COUNT(*) AS s2
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = WIDTH_BUCKET(f."ordered_at", CAST($4 AS TIMESTAMPTZ[]))
  JOIN spans_2 AS p
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
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_1.s1, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_2.s2, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_2.s2
    END AS t2,
    COALESCE(scan_2.s2, 0) AS r2
  FROM UNNEST(CAST($5 AS BOOLEAN[]), CAST($6 AS BOOLEAN[]), CAST($7 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, covered_2, period)
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
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)

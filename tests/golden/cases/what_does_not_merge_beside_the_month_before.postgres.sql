WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($15 AS BIGINT[]), CAST($16 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($17 AS BIGINT[]), CAST($18 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), cut_2 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($19 AS BIGINT[]), CAST($20 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($21 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($21 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($21 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    e.segment,
    COUNT(*) AS a0,
    COUNT(f."distance") AS a1,
    COUNT(f."customer_id") AS a2,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      CAST(f."distance" AS DOUBLE PRECISION)) AS a3,
    COUNT(DISTINCT f."customer_id") AS a4
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, segment)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.segment % 3 = 0
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1
  UNION ALL
  SELECT
    e.segment,
    COUNT(*) AS a0,
    COUNT(f."distance") AS a1,
    COUNT(f."customer_id") AS a2,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      CAST(f."distance" AS DOUBLE PRECISION)) AS a3,
    COUNT(DISTINCT f."customer_id") AS a4
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, segment)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.segment % 3 = 1
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1
  UNION ALL
  SELECT
    e.segment,
    COUNT(*) AS a0,
    COUNT(f."distance") AS a1,
    COUNT(f."customer_id") AS a2,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      CAST(f."distance" AS DOUBLE PRECISION)) AS a3,
    COUNT(DISTINCT f."customer_id") AS a4
  FROM UNNEST(CAST($2 AS TIMESTAMPTZ[]), CAST($3 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, segment)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.segment % 3 = 2
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($4 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($5 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s0,
    CAST(SUM(s.a1) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_2 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s4
  FROM scan_0 AS s
  JOIN pairs_2 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_split AS (
  SELECT
    e.period,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      CAST(f."distance" AS DOUBLE PRECISION)) AS s5,
    COUNT(DISTINCT f."customer_id") AS s6
  FROM UNNEST(CAST($6 AS TIMESTAMPTZ[]), CAST($7 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 0
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($8 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($9 AS TIMESTAMPTZ)
  GROUP BY
    1
  UNION ALL
  SELECT
    e.period,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      CAST(f."distance" AS DOUBLE PRECISION)) AS s5,
    COUNT(DISTINCT f."customer_id") AS s6
  FROM UNNEST(CAST($6 AS TIMESTAMPTZ[]), CAST($7 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 1
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($8 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($9 AS TIMESTAMPTZ)
  GROUP BY
    1
  UNION ALL
  SELECT
    e.period,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      CAST(f."distance" AS DOUBLE PRECISION)) AS s5,
    COUNT(DISTINCT f."customer_id") AS s6
  FROM UNNEST(CAST($6 AS TIMESTAMPTZ[]), CAST($7 AS TIMESTAMPTZ[])) WITH ORDINALITY AS e(starts, ends, period)
  JOIN "facts"."order" AS f
    ON f."ordered_at" >= e.starts AND f."ordered_at" < e.ends
  WHERE
    e.period % 3 = 2
    AND f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($8 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($9 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    e.period,
    s.a3 AS s5,
    s.a4 AS s6
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON e.first_segment = s.segment AND e.last_segment = e.first_segment + 1
  UNION ALL
  SELECT
    e.period,
    s.s5,
    s.s6
  FROM scan_0_split AS s
  JOIN cut_0 AS e
    ON e.period = s.period AND e.last_segment > e.first_segment + 1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s3
    END AS t1,
    COALESCE(scan_0_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0_2.s4, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_0_2.s4
    END AS t2,
    COALESCE(scan_0_2.s4, 0) AS r2,
    scan_0_whole.s5 AS t3,
    COALESCE(scan_0_0.s0, 0) AS r3,
    COALESCE(scan_0_0.s1, 0) AS n3,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0_whole.s6, 0)
    END AS t4,
    COALESCE(scan_0_0.s0, 0) AS r4,
    COALESCE(scan_0_0.s2, 0) AS n4
  FROM UNNEST(CAST($10 AS BOOLEAN[]), CAST($11 AS BOOLEAN[]), CAST($12 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, covered_2, period)
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_whole
    ON scan_0_whole.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_0_2
    ON scan_0_2.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4,
  n4
FROM terms
ORDER BY
  period ASC
LIMIT CAST($13 AS BIGINT)
OFFSET CAST($14 AS BIGINT)

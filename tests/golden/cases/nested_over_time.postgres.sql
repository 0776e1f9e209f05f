WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($11 AS BIGINT[]), CAST($12 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($13 AS BIGINT[]), CAST($14 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), cut_2 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($15 AS BIGINT[]), CAST($16 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), cut_3 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($17 AS BIGINT[]), CAST($18 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($19 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($19 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($19 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_3 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($19 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_3 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    f.ae_group AS segment,
    SUM(f."amount") AS a0,
    COUNT(*) AS a1,
    COUNT(f."amount") AS a2
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."sold_on", CAST($1 AS DATE[])) AS ae_group
    FROM "facts"."sale" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."sold_on" >= CAST($3 AS DATE)
      AND f."sold_on" < CAST($4 AS DATE)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."sale" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS DECIMAL) AS s0,
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
    CAST(SUM(s.a0) AS DECIMAL) AS s3,
    CAST(SUM(s.a1) AS BIGINT) AS s4,
    CAST(SUM(s.a2) AS BIGINT) AS s5
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_2 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS DECIMAL) AS s6,
    CAST(SUM(s.a1) AS BIGINT) AS s7,
    CAST(SUM(s.a2) AS BIGINT) AS s8
  FROM scan_0 AS s
  JOIN pairs_2 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_3 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS DECIMAL) AS s9,
    CAST(SUM(s.a1) AS BIGINT) AS s10,
    CAST(SUM(s.a2) AS BIGINT) AS s11
  FROM scan_0 AS s
  JOIN pairs_3 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s3
    END AS t1,
    COALESCE(scan_0_1.s4, 0) AS r1,
    COALESCE(scan_0_1.s5, 0) AS n1,
    CASE
      WHEN COALESCE(scan_0_2.s7, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_0_2.s6
    END AS t2,
    COALESCE(scan_0_2.s7, 0) AS r2,
    COALESCE(scan_0_2.s8, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0_3.s10, 0) = 0
      THEN CASE WHEN spine.covered_3 THEN 0 END
      ELSE scan_0_3.s9
    END AS t3,
    COALESCE(scan_0_3.s10, 0) AS r3,
    COALESCE(scan_0_3.s11, 0) AS n3
  FROM UNNEST(
    CAST($5 AS BOOLEAN[]),
    CAST($6 AS BOOLEAN[]),
    CAST($7 AS BOOLEAN[]),
    CAST($8 AS BOOLEAN[])
  ) WITH ORDINALITY AS spine(covered_0, covered_1, covered_2, covered_3, period)
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_0_2
    ON scan_0_2.period = spine.period
  LEFT JOIN scan_0_3
    ON scan_0_3.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  CASE WHEN t2 > 0 THEN CAST((
    t1 - t2
  ) AS DECIMAL) / NULLIF(t2, 0) END AS k1,
  t3 AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3
FROM terms
ORDER BY
  period ASC
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)

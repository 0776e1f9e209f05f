WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM UNNEST(CAST($11 AS BIGINT[])) WITH ORDINALITY AS r(last_segment, period)
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($12 AS BIGINT[]), CAST($13 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($14 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($14 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    f.ae_group AS segment,
    COUNT(*) AS a0,
    COUNT(*) AS a1
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."ended_at", CAST($1 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT) AND f."ended_at" < CAST($3 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."subscription" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s0,
    CAST(SUM(s.a1) AS BIGINT) AS s1
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS BIGINT) AS s2
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s3
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."started_at", CAST($4 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."started_at" >= CAST($5 AS TIMESTAMPTZ)
      AND f."started_at" < CAST($6 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."subscription" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s0, 0) AS r0,
    COALESCE(scan_0_0.s1, 0) AS p0,
    CASE
      WHEN COALESCE(scan_0_1.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s2
    END AS t1,
    COALESCE(scan_0_1.s2, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2
  FROM UNNEST(CAST($7 AS BOOLEAN[]), CAST($8 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, period)
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
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
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)

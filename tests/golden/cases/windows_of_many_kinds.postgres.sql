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
  FROM UNNEST(CAST($16 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($17 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    f.ae_group AS segment,
    MAX(f."weight") AS a0,
    SUM(f."weight") AS a1,
    COUNT(f."weight") AS a2,
    COUNT(*) AS a3
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."ordered_at", CAST($1 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($2 AS TEXT)
      AND f."ordered_at" >= CAST($3 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($4 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period,
    MAX(s.a0) AS s0,
    CAST(SUM(s.a1) AS DOUBLE PRECISION) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2,
    CAST(SUM(s.a3) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a3) AS BIGINT) AS s4
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period,
    PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
      CAST(f."weight" AS DOUBLE PRECISION)) AS s5,
    COUNT(*) AS s6,
    COUNT(f."weight") AS s7
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = WIDTH_BUCKET(f."ordered_at", CAST($5 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($2 AS TEXT)
  GROUP BY
    1
), scan_2_rows AS (
  SELECT
    e.period,
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        f."weight"
      ) IS NULL THEN 1 ELSE 0 END DESC NULLS LAST, f."ordered_at" DESC NULLS LAST, f."order_id" DESC NULLS LAST
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = WIDTH_BUCKET(f."ordered_at", CAST($5 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($2 AS TEXT)
), scan_2 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s8,
    COUNT(*) FILTER(WHERE
      there = 1) AS s9
  FROM scan_2_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0_0.s0 AS t0,
    COALESCE(scan_0_0.s3, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS n0,
    CAST(scan_0_0.s1 AS DOUBLE PRECISION) / NULLIF(scan_0_0.s2, 0) AS t1,
    COALESCE(scan_0_0.s3, 0) AS r1,
    COALESCE(scan_0_0.s2, 0) AS n1,
    scan_1.s5 AS t2,
    COALESCE(scan_1.s6, 0) AS r2,
    COALESCE(scan_1.s7, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s4
    END AS t3,
    COALESCE(scan_0_1.s4, 0) AS r3,
    scan_2.s8 AS t4,
    COALESCE(scan_2.s9, 0) AS r4
  FROM UNNEST(CAST($6 AS BOOLEAN[]), CAST($7 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, covered_1, period)
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
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
  t4 AS v4,
  r4
FROM terms
ORDER BY
  period ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)

WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM UNNEST(CAST($17 AS BIGINT[])) WITH ORDINALITY AS r(last_segment, period)
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($18 AS BIGINT[]), CAST($19 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($20 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($20 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    f.ae_group AS period,
    SUM(f."quantity" * f."unit_price") AS s0,
    COUNT(*) AS s1,
    COUNT(f."quantity" * f."unit_price") AS s2
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."booked_at" >= CAST($2 AS TIMESTAMPTZ)
      AND f."booked_at" < CAST($3 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order_line" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), scan_1 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s3,
    SUM(f."weight") AS s4,
    SUM(f."weight" * f."distance") AS s5,
    COUNT(*) FILTER(WHERE
      f."cancelled") AS s6,
    COUNT(f."weight") AS s7,
    COUNT(f."weight" * f."distance") AS s8
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
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
), scan_2 AS (
  SELECT
    f.ae_group AS period,
    SUM(
      CAST((
        EXTRACT(EPOCH FROM (
          f."delivered_at" - f."ordered_at"
        )) * 1000000
      ) AS DECIMAL) / 3600000000
    ) AS s9,
    COUNT(
      CAST((
        EXTRACT(EPOCH FROM (
          f."delivered_at" - f."ordered_at"
        )) * 1000000
      ) AS DECIMAL) / 3600000000
    ) AS s10,
    COUNT(*) AS s11,
    COUNT(f."delivered_at") AS s12
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."delivered_at" >= CAST($2 AS TIMESTAMPTZ)
      AND f."delivered_at" < CAST($3 AS TIMESTAMPTZ)
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
), scan_3 AS (
  SELECT
    f.ae_group AS segment,
    SUM(f."amount") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f."amount") AS a3
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."moved_at", CAST($4 AS TIMESTAMPTZ[])) AS ae_group
    FROM "facts"."movement" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT) AND f."moved_at" < CAST($5 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."movement" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), scan_3_0 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS DECIMAL) AS s13,
    CAST(SUM(s.a1) AS BIGINT) AS s14,
    CAST(SUM(s.a2) AS BIGINT) AS s15,
    CAST(SUM(s.a3) AS BIGINT) AS s16
  FROM scan_3 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_3_1 AS (
  SELECT
    e.period,
    CAST(SUM(s.a0) AS DECIMAL) AS s17,
    CAST(SUM(s.a1) AS BIGINT) AS s18,
    CAST(SUM(s.a3) AS BIGINT) AS s19
  FROM scan_3 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_4 AS (
  SELECT
    f.ae_group AS period,
    SUM(f."amount") AS s20,
    COUNT(*) AS s21,
    COUNT(f."amount") AS s22
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."sale" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."sold_on" >= CAST($6 AS DATE)
      AND f."sold_on" < CAST($7 AS DATE)
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
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s4
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2,
    COALESCE(scan_1.s7, 0) AS n2,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s5
    END AS t3,
    COALESCE(scan_1.s3, 0) AS r3,
    COALESCE(scan_1.s8, 0) AS n3,
    CAST(scan_2.s9 AS DECIMAL) / NULLIF(scan_2.s10, 0) AS t4,
    COALESCE(scan_2.s11, 0) AS r4,
    COALESCE(scan_2.s12, 0) AS n4,
    CASE
      WHEN COALESCE(scan_1.s6, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s6
    END AS t5,
    COALESCE(scan_1.s6, 0) AS r5,
    CASE
      WHEN COALESCE(scan_3_0.s14, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_3_0.s13
    END AS t6,
    COALESCE(scan_3_0.s14, 0) AS r6,
    COALESCE(scan_3_0.s15, 0) AS p6,
    COALESCE(scan_3_0.s16, 0) AS n6,
    CASE
      WHEN COALESCE(scan_3_1.s18, 0) = 0
      THEN CASE WHEN spine.covered_3 THEN 0 END
      ELSE scan_3_1.s17
    END AS t7,
    COALESCE(scan_3_1.s18, 0) AS r7,
    COALESCE(scan_3_1.s19, 0) AS n7,
    CASE
      WHEN COALESCE(scan_4.s21, 0) = 0
      THEN CASE WHEN spine.covered_4 THEN 0 END
      ELSE scan_4.s20
    END AS t8,
    COALESCE(scan_4.s21, 0) AS r8,
    COALESCE(scan_4.s22, 0) AS n8,
    spine.days_0
  FROM UNNEST(
    CAST($8 AS BOOLEAN[]),
    CAST($9 AS BOOLEAN[]),
    CAST($10 AS BOOLEAN[]),
    CAST($11 AS BOOLEAN[]),
    CAST($12 AS BOOLEAN[]),
    CAST($13 AS BIGINT[])
  ) WITH ORDINALITY AS spine(covered_0, covered_1, covered_2, covered_3, covered_4, days_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
  LEFT JOIN scan_3_0
    ON scan_3_0.period = spine.period
  LEFT JOIN scan_3_1
    ON scan_3_1.period = spine.period
  LEFT JOIN scan_4
    ON scan_4.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  CAST(t0 AS DECIMAL) / NULLIF(t1, 0) AS k1,
  CAST(t2 AS DOUBLE PRECISION) / NULLIF(t1, 0) AS k2,
  t3 AS k3,
  CAST(t4 AS DECIMAL) / 24 AS k4,
  CAST(t5 AS DECIMAL) / NULLIF(t1, 0) AS k5,
  (
    CAST(t6 AS DECIMAL) / NULLIF(t7, 0)
  ) * days_0 AS k6,
  CAST(t8 AS DECIMAL) / NULLIF(CAST($14 AS BIGINT), 0) AS k7,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  t6 AS v6,
  r6,
  n6,
  t7 AS v7,
  r7,
  n7,
  t8 AS v8,
  r8,
  n8
FROM terms
ORDER BY
  period ASC
LIMIT CAST($15 AS BIGINT)
OFFSET CAST($16 AS BIGINT)

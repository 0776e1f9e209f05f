WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    SUM(
      EXP(
        CAST((
          CAST(f.`weight` AS DOUBLE) / NULLIF(CAST(f.`weight` AS DOUBLE), 0)
        ) - CAST(:p4 AS BIGINT) AS DOUBLE)
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    COUNT(*) AS s1,
    SUM(
      CASE
        WHEN CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE) < 0
        AND NOT (
          CAST(CAST(:p6 AS BIGINT) AS DOUBLE) = FLOOR(CAST(CAST(:p6 AS BIGINT) AS DOUBLE))
        )
        THEN NULL
        WHEN CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE) = 0
        AND CAST(CAST(:p6 AS BIGINT) AS DOUBLE) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE),
          CAST(CAST(:p6 AS BIGINT) AS DOUBLE)
        )
      END * CAST(1 AS DECIMAL(1, 0))
    ) AS s2,
    SUM(
      CASE
        WHEN CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE) >= 0
        THEN SQRT(
          CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE)
        )
      END * CAST(1 AS DECIMAL(1, 0))
    ) AS s3,
    COUNT(*) FILTER(WHERE
      f.`cancelled`) AS s4,
    COUNT(
      EXP(
        CAST((
          CAST(f.`weight` AS DOUBLE) / NULLIF(CAST(f.`weight` AS DOUBLE), 0)
        ) - CAST(:p4 AS BIGINT) AS DOUBLE)
      )
    ) AS s5,
    COUNT(
      CASE
        WHEN CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE) < 0
        AND NOT (
          CAST(CAST(:p6 AS BIGINT) AS DOUBLE) = FLOOR(CAST(CAST(:p6 AS BIGINT) AS DOUBLE))
        )
        THEN NULL
        WHEN CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE) = 0
        AND CAST(CAST(:p6 AS BIGINT) AS DOUBLE) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE),
          CAST(CAST(:p6 AS BIGINT) AS DOUBLE)
        )
      END
    ) AS s6,
    COUNT(
      CASE
        WHEN CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE) >= 0
        THEN SQRT(
          CAST(CAST(f.`distance` AS DOUBLE) / NULLIF(CAST(CAST(:p5 AS BIGINT) AS DOUBLE), 0) AS DOUBLE)
        )
      END
    ) AS s7
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
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
    COALESCE(scan_0.s5, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s1, 0) AS r2,
    COALESCE(scan_0.s6, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s1, 0) AS r3,
    COALESCE(scan_0.s7, 0) AS n3,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s4
    END AS t4,
    COALESCE(scan_0.s4, 0) AS r4
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  (
    CAST(t1 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0)
  ) * (
    (
      CASE
        WHEN CAST(CAST(:p6 AS BIGINT) AS DOUBLE) < 0
        AND NOT (
          CAST(CAST(:p8 AS BIGINT) AS DOUBLE) = FLOOR(CAST(CAST(:p8 AS BIGINT) AS DOUBLE))
        )
        THEN NULL
        WHEN CAST(CAST(:p6 AS BIGINT) AS DOUBLE) = 0
        AND CAST(CAST(:p8 AS BIGINT) AS DOUBLE) < 0
        THEN NULL
        ELSE POWER(CAST(CAST(:p6 AS BIGINT) AS DOUBLE), CAST(CAST(:p8 AS BIGINT) AS DOUBLE))
      END + CASE
        WHEN CAST(CAST(:p9 AS BIGINT) AS DOUBLE) >= 0
        THEN SQRT(CAST(CAST(:p9 AS BIGINT) AS DOUBLE))
      END
    ) + CASE
      WHEN CAST(EXP(CAST(CAST(:p6 AS BIGINT) AS DOUBLE)) AS DOUBLE) > 0
      THEN LN(CAST(EXP(CAST(CAST(:p6 AS BIGINT) AS DOUBLE)) AS DOUBLE))
    END
  ) AS k1,
  t2 AS k2,
  t3 AS k3,
  ABS(CAST(t4 AS DECIMAL(19, 0)) - t1) AS k4,
  CASE
    WHEN CAST(CAST(:p6 AS BIGINT) AS DOUBLE) IS NULL
    OR CAST(CAST(t1 AS DOUBLE) / NULLIF(CAST(CAST(:p4 AS BIGINT) AS DOUBLE), 0) AS DOUBLE) IS NULL
    OR CAST(CAST(:p10 AS BIGINT) AS DOUBLE) IS NULL
    THEN NULL
    ELSE GREATEST(
      CAST(CAST(:p6 AS BIGINT) AS DOUBLE),
      CAST(CAST(t1 AS DOUBLE) / NULLIF(CAST(CAST(:p4 AS BIGINT) AS DOUBLE), 0) AS DOUBLE),
      CAST(CAST(:p10 AS BIGINT) AS DOUBLE)
    )
  END AS k5,
  CASE
    WHEN CAST(:p11 AS DOUBLE) IS NULL
    OR CAST(CAST(t1 AS DOUBLE) / NULLIF(CAST(CAST(:p4 AS BIGINT) AS DOUBLE), 0) AS DOUBLE) IS NULL
    THEN NULL
    ELSE LEAST(
      CAST(:p11 AS DOUBLE),
      CAST(CAST(t1 AS DOUBLE) / NULLIF(CAST(CAST(:p4 AS BIGINT) AS DOUBLE), 0) AS DOUBLE)
    )
  END AS k6,
  NULLIF(t4, CAST(:p6 AS BIGINT)) AS k7,
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
  r4
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p12 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p13 AS BIGINT) AS INT)

WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    APPROX_COUNT_DISTINCT(f.`customer_id`) AS s0,
    GET(
      ARRAY_SORT(
        COLLECT_LIST(
          CAST(SIGN(CAST(f.`weight` AS DOUBLE)) * (
            (
              (
                FLOOR(LOG10(GREATEST(ABS(CAST(f.`weight` AS DOUBLE)), CAST(1e-99 AS DOUBLE)))) - 2
              ) + 402
            ) * 900 + FLOOR(
              (
                GREATEST(ABS(CAST(f.`weight` AS DOUBLE)), CAST(1e-99 AS DOUBLE)) / POWER(
                  CAST(10 AS DOUBLE),
                  (
                    FLOOR(LOG10(GREATEST(ABS(CAST(f.`weight` AS DOUBLE)), CAST(1e-99 AS DOUBLE)))) - 2
                  )
                ) + 0.5
              )
            ) - 100
          ) AS BIGINT)
        )
      ),
      CAST(GREATEST(
        CEIL(
          CAST(0.4999999999999995 AS DOUBLE) * COUNT(
            CAST(SIGN(CAST(f.`weight` AS DOUBLE)) * (
              (
                (
                  FLOOR(LOG10(GREATEST(ABS(CAST(f.`weight` AS DOUBLE)), CAST(1e-99 AS DOUBLE)))) - 2
                ) + 402
              ) * 900 + FLOOR(
                (
                  GREATEST(ABS(CAST(f.`weight` AS DOUBLE)), CAST(1e-99 AS DOUBLE)) / POWER(
                    CAST(10 AS DOUBLE),
                    (
                      FLOOR(LOG10(GREATEST(ABS(CAST(f.`weight` AS DOUBLE)), CAST(1e-99 AS DOUBLE)))) - 2
                    )
                  ) + 0.5
                )
              ) - 100
            ) AS BIGINT)
          )
        ),
        1
      ) AS INT) - 1
    ) AS s1,
    COUNT(*) AS s2,
    COUNT(f.`customer_id`) AS s3,
    COUNT(f.`weight`) AS s4
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
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0,
    CASE
      WHEN CAST(scan_0.s1 AS DOUBLE) = 0
      THEN CAST(0 AS DOUBLE)
      WHEN FLOOR((
        ABS(CAST(scan_0.s1 AS DOUBLE)) / CAST(900 AS DOUBLE)
      )) < 402
      THEN SIGN(CAST(scan_0.s1 AS DOUBLE)) * (
        ABS(CAST(scan_0.s1 AS DOUBLE)) - CAST(900 AS DOUBLE) * FLOOR((
          ABS(CAST(scan_0.s1 AS DOUBLE)) / CAST(900 AS DOUBLE)
        )) + 100
      ) / POWER(
        CAST(10 AS DOUBLE),
        (
          402 - FLOOR((
            ABS(CAST(scan_0.s1 AS DOUBLE)) / CAST(900 AS DOUBLE)
          ))
        )
      )
      ELSE SIGN(CAST(scan_0.s1 AS DOUBLE)) * (
        ABS(CAST(scan_0.s1 AS DOUBLE)) - CAST(900 AS DOUBLE) * FLOOR((
          ABS(CAST(scan_0.s1 AS DOUBLE)) / CAST(900 AS DOUBLE)
        )) + 100
      ) * POWER(
        CAST(10 AS DOUBLE),
        (
          FLOOR((
            ABS(CAST(scan_0.s1 AS DOUBLE)) / CAST(900 AS DOUBLE)
          )) - 402
        )
      )
    END AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p4 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p5 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p6 AS BIGINT) AS INT)

WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    COUNT(DISTINCT f."customer_id") AS s0,
    PERCENTILE_DISC(0.4999999999999995) WITHIN GROUP (ORDER BY
      CAST(SIGN(CAST(f."weight" AS DOUBLE PRECISION)) * (
        (
          (
            FLOOR(
              LOG10(
                GREATEST(ABS(CAST(f."weight" AS DOUBLE PRECISION)), CAST(1e-99 AS DOUBLE PRECISION))
              )
            ) - 2
          ) + 402
        ) * 900 + FLOOR(
          (
            CAST(GREATEST(ABS(CAST(f."weight" AS DOUBLE PRECISION)), CAST(1e-99 AS DOUBLE PRECISION)) AS DOUBLE PRECISION) / POWER(
              CAST(10 AS DOUBLE PRECISION),
              (
                FLOOR(
                  LOG10(
                    GREATEST(ABS(CAST(f."weight" AS DOUBLE PRECISION)), CAST(1e-99 AS DOUBLE PRECISION))
                  )
                ) - 2
              )
            ) + 0.5
          )
        ) - 100
      ) AS BIGINT)) AS s1,
    COUNT(*) AS s2,
    COUNT(f."customer_id") AS s3,
    COUNT(f."weight") AS s4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
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
      WHEN CAST(scan_0.s1 AS DOUBLE PRECISION) = 0
      THEN CAST(0 AS DOUBLE PRECISION)
      WHEN FLOOR((
        ABS(CAST(scan_0.s1 AS DOUBLE PRECISION)) / CAST(900 AS DOUBLE PRECISION)
      )) < 402
      THEN CAST(SIGN(CAST(scan_0.s1 AS DOUBLE PRECISION)) * (
        ABS(CAST(scan_0.s1 AS DOUBLE PRECISION)) - CAST(900 AS DOUBLE PRECISION) * FLOOR((
          ABS(CAST(scan_0.s1 AS DOUBLE PRECISION)) / CAST(900 AS DOUBLE PRECISION)
        )) + 100
      ) AS DOUBLE PRECISION) / POWER(
        CAST(10 AS DOUBLE PRECISION),
        (
          402 - FLOOR((
            ABS(CAST(scan_0.s1 AS DOUBLE PRECISION)) / CAST(900 AS DOUBLE PRECISION)
          ))
        )
      )
      ELSE SIGN(CAST(scan_0.s1 AS DOUBLE PRECISION)) * (
        ABS(CAST(scan_0.s1 AS DOUBLE PRECISION)) - CAST(900 AS DOUBLE PRECISION) * FLOOR((
          ABS(CAST(scan_0.s1 AS DOUBLE PRECISION)) / CAST(900 AS DOUBLE PRECISION)
        )) + 100
      ) * POWER(
        CAST(10 AS DOUBLE PRECISION),
        (
          FLOOR((
            ABS(CAST(scan_0.s1 AS DOUBLE PRECISION)) / CAST(900 AS DOUBLE PRECISION)
          )) - 402
        )
      )
    END AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1
  FROM UNNEST(CAST($4 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
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
  period ASC
LIMIT CAST($5 AS BIGINT)
OFFSET CAST($6 AS BIGINT)

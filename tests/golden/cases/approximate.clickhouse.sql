WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COALESCE(uniqCombined64(f."customer_id"), 0) AS Int64) AS s0,
    CASE
      WHEN CAST(COUNT(
        CAST(SIGN(CAST(f."weight" AS Nullable(Float64))) * (
          (
            (
              FLOOR(
                LOG10(
                  GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64)))
                )
              ) - 2
            ) + 402
          ) * 900 + FLOOR(
            (
              GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64))) / POWER(
                CAST(10 AS Nullable(Float64)),
                (
                  FLOOR(
                    LOG10(
                      GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64)))
                    )
                  ) - 2
                )
              ) + 0.5
            )
          ) - 100
        ) AS Nullable(Int64))
      ) AS Int64) > 0
      THEN arrayElement(
        arraySort(
          groupArray(
            CAST(SIGN(CAST(f."weight" AS Nullable(Float64))) * (
              (
                (
                  FLOOR(
                    LOG10(
                      GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64)))
                    )
                  ) - 2
                ) + 402
              ) * 900 + FLOOR(
                (
                  GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64))) / POWER(
                    CAST(10 AS Nullable(Float64)),
                    (
                      FLOOR(
                        LOG10(
                          GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64)))
                        )
                      ) - 2
                    )
                  ) + 0.5
                )
              ) - 100
            ) AS Nullable(Int64))
          )
        ),
        toUInt64(
          greatest(
            ceil(
              0.4999999999999995 * CAST(COUNT(
                CAST(SIGN(CAST(f."weight" AS Nullable(Float64))) * (
                  (
                    (
                      FLOOR(
                        LOG10(
                          GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64)))
                        )
                      ) - 2
                    ) + 402
                  ) * 900 + FLOOR(
                    (
                      GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64))) / POWER(
                        CAST(10 AS Nullable(Float64)),
                        (
                          FLOOR(
                            LOG10(
                              GREATEST(ABS(CAST(f."weight" AS Nullable(Float64))), CAST(1e-99 AS Nullable(Float64)))
                            )
                          ) - 2
                        )
                      ) + 0.5
                    )
                  ) - 100
                ) AS Nullable(Int64))
              ) AS Int64)
            ),
            1
          )
        )
      )
    END AS s1,
    CAST(COUNT(*) AS Int64) AS s2,
    CAST(COUNT(f."customer_id") AS Int64) AS s3,
    CAST(COUNT(f."weight") AS Int64) AS s4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0,
    CASE
      WHEN CAST(scan_0.s1 AS Nullable(Float64)) = 0
      THEN CAST(0 AS Nullable(Float64))
      WHEN FLOOR((
        ABS(CAST(scan_0.s1 AS Nullable(Float64))) / CAST(900 AS Nullable(Float64))
      )) < 402
      THEN SIGN(CAST(scan_0.s1 AS Nullable(Float64))) * (
        ABS(CAST(scan_0.s1 AS Nullable(Float64))) - CAST(900 AS Nullable(Float64)) * FLOOR((
          ABS(CAST(scan_0.s1 AS Nullable(Float64))) / CAST(900 AS Nullable(Float64))
        )) + 100
      ) / POWER(
        CAST(10 AS Nullable(Float64)),
        (
          402 - FLOOR((
            ABS(CAST(scan_0.s1 AS Nullable(Float64))) / CAST(900 AS Nullable(Float64))
          ))
        )
      )
      ELSE SIGN(CAST(scan_0.s1 AS Nullable(Float64))) * (
        ABS(CAST(scan_0.s1 AS Nullable(Float64))) - CAST(900 AS Nullable(Float64)) * FLOOR((
          ABS(CAST(scan_0.s1 AS Nullable(Float64))) / CAST(900 AS Nullable(Float64))
        )) + 100
      ) * POWER(
        CAST(10 AS Nullable(Float64)),
        (
          FLOOR((
            ABS(CAST(scan_0.s1 AS Nullable(Float64))) / CAST(900 AS Nullable(Float64))
          )) - 402
        )
      )
    END AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p4: Array(Bool)}, arrayEnumerate({p4: Array(Bool)}))) AS z
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
  period ASC
LIMIT {p5: Int64}
OFFSET {p6: Int64}

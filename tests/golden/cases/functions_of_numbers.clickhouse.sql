WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(
      EXP(
        CAST((
          CAST(f."weight" AS Nullable(Float64)) / nullIf(CAST(f."weight" AS Nullable(Float64)), 0)
        ) - {p4: Int64} AS Nullable(Float64))
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    SUM(
      CASE
        WHEN CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)) < 0
        AND NOT (
          CAST({p6: Int64} AS Nullable(Float64)) = FLOOR(CAST({p6: Int64} AS Nullable(Float64)))
        )
        THEN NULL
        WHEN CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)) = 0
        AND CAST({p6: Int64} AS Nullable(Float64)) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)),
          CAST({p6: Int64} AS Nullable(Float64))
        )
      END * CAST(1 AS Decimal(76, 0))
    ) AS s2,
    SUM(
      CASE
        WHEN CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)) >= 0
        THEN SQRT(
          CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64))
        )
      END * CAST(1 AS Decimal(76, 0))
    ) AS s3,
    CAST(COUNT(*) FILTER(WHERE
      f."cancelled") AS Int64) AS s4,
    CAST(COUNT(
      EXP(
        CAST((
          CAST(f."weight" AS Nullable(Float64)) / nullIf(CAST(f."weight" AS Nullable(Float64)), 0)
        ) - {p4: Int64} AS Nullable(Float64))
      )
    ) AS Int64) AS s5,
    CAST(COUNT(
      CASE
        WHEN CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)) < 0
        AND NOT (
          CAST({p6: Int64} AS Nullable(Float64)) = FLOOR(CAST({p6: Int64} AS Nullable(Float64)))
        )
        THEN NULL
        WHEN CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)) = 0
        AND CAST({p6: Int64} AS Nullable(Float64)) < 0
        THEN NULL
        ELSE POWER(
          CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)),
          CAST({p6: Int64} AS Nullable(Float64))
        )
      END
    ) AS Int64) AS s6,
    CAST(COUNT(
      CASE
        WHEN CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)) >= 0
        THEN SQRT(
          CAST(CAST(f."distance" AS Nullable(Float64)) / nullIf(CAST({p5: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64))
        )
      END
    ) AS Int64) AS s7
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
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p7: Array(Bool)}, arrayEnumerate({p7: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  (
    CAST(t1 AS Nullable(Float64)) / nullIf(CAST(t1 AS Nullable(Float64)), 0)
  ) * (
    (
      CASE
        WHEN CAST({p6: Int64} AS Nullable(Float64)) < 0
        AND NOT (
          CAST({p8: Int64} AS Nullable(Float64)) = FLOOR(CAST({p8: Int64} AS Nullable(Float64)))
        )
        THEN NULL
        WHEN CAST({p6: Int64} AS Nullable(Float64)) = 0
        AND CAST({p8: Int64} AS Nullable(Float64)) < 0
        THEN NULL
        ELSE POWER(CAST({p6: Int64} AS Nullable(Float64)), CAST({p8: Int64} AS Nullable(Float64)))
      END + CASE
        WHEN CAST({p9: Int64} AS Nullable(Float64)) >= 0
        THEN SQRT(CAST({p9: Int64} AS Nullable(Float64)))
      END
    ) + CASE
      WHEN CAST(EXP(CAST({p6: Int64} AS Nullable(Float64))) AS Nullable(Float64)) > 0
      THEN LN(CAST(EXP(CAST({p6: Int64} AS Nullable(Float64))) AS Nullable(Float64)))
    END
  ) AS k1,
  t2 AS k2,
  t3 AS k3,
  ABS(CAST(t4 AS Nullable(Decimal(76, 0))) - t1) AS k4,
  CASE
    WHEN CAST({p6: Int64} AS Nullable(Float64)) IS NULL
    OR CAST(CAST(t1 AS Nullable(Float64)) / nullIf(CAST({p4: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)) IS NULL
    OR CAST({p10: Int64} AS Nullable(Float64)) IS NULL
    THEN NULL
    ELSE GREATEST(
      CAST({p6: Int64} AS Nullable(Float64)),
      CAST(CAST(t1 AS Nullable(Float64)) / nullIf(CAST({p4: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)),
      CAST({p10: Int64} AS Nullable(Float64))
    )
  END AS k5,
  CASE
    WHEN CAST({p11: Decimal(2, 1)} AS Nullable(Float64)) IS NULL
    OR CAST(CAST(t1 AS Nullable(Float64)) / nullIf(CAST({p4: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64)) IS NULL
    THEN NULL
    ELSE LEAST(
      CAST({p11: Decimal(2, 1)} AS Nullable(Float64)),
      CAST(CAST(t1 AS Nullable(Float64)) / nullIf(CAST({p4: Int64} AS Nullable(Float64)), 0) AS Nullable(Float64))
    )
  END AS k6,
  nullIf(t4, {p6: Int64}) AS k7,
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
  period ASC
LIMIT {p12: Int64}
OFFSET {p13: Int64}

WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(
      CASE
        WHEN f."cancelled"
        THEN {p4: Int64}
        WHEN f."weight" > {p5: Int64}
        THEN {p6: Int64}
        ELSE {p7: Int64}
      END * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    SUM(
      COALESCE(CAST(f."distance" AS Nullable(Float64)), CAST({p8: Int64} AS Nullable(Float64))) * CAST(1 AS Decimal(76, 0))
    ) AS s1,
    CAST(COUNT(nullIf(f."distance", {p9: Int64})) AS Int64) AS s2,
    CAST(COUNT(*) FILTER(WHERE
      CASE
        WHEN ABS(CAST(f."distance" AS Nullable(Float64))) < 1E15
        THEN CAST(modulo(
          CAST(toDecimal256OrNull(toString(CAST(f."distance" AS Nullable(Float64))), 38) AS Nullable(Decimal(76, 38))),
          CAST(toDecimal256OrNull(toString(CAST(nullIf({p10: Int64}, 0) AS Nullable(Float64))), 38) AS Nullable(Decimal(76, 38)))
        ) AS Nullable(Float64))
        ELSE CAST(modulo(
          CAST(CAST(f."distance" AS Nullable(Float64)) AS Nullable(Decimal(76, 38))),
          CAST(CAST(nullIf({p10: Int64}, 0) AS Nullable(Float64)) AS Nullable(Decimal(76, 38)))
        ) AS Nullable(Float64))
      END = {p4: Int64}) AS Int64) AS s3,
    SUM(
      CASE
        WHEN ABS(CAST(f."weight" AS Nullable(Float64))) < 1E15
        THEN CAST(round(toDecimal256OrNull(toString(CAST(f."weight" AS Nullable(Float64))), 38), 0) AS Nullable(Float64))
        ELSE CAST(f."weight" AS Nullable(Float64))
      END * CAST(1 AS Decimal(76, 0))
    ) AS s4,
    SUM(
      CASE
        WHEN CAST(f."weight" AS Nullable(Float64)) IS NULL
        OR CAST({p11: Int64} AS Nullable(Float64)) IS NULL
        THEN NULL
        ELSE GREATEST(CAST(f."weight" AS Nullable(Float64)), CAST({p11: Int64} AS Nullable(Float64)))
      END * CAST(1 AS Decimal(76, 0))
    ) AS s5,
    SUM(
      CASE
        WHEN CAST(f."weight" AS Nullable(Float64)) IS NULL
        OR CAST(f."weight" + {p7: Int64} AS Nullable(Float64)) IS NULL
        THEN NULL
        ELSE LEAST(
          CAST(f."weight" AS Nullable(Float64)),
          CAST(f."weight" + {p7: Int64} AS Nullable(Float64))
        )
      END * CAST(1 AS Decimal(76, 0))
    ) AS s6,
    SUM(ABS(f."weight" - {p5: Int64}) * CAST(1 AS Decimal(76, 0))) AS s7,
    CAST(COUNT(*) AS Int64) AS s8,
    CAST(COUNT(f."weight") AS Int64) AS s9,
    CAST(COUNT(
      CASE
        WHEN CAST(f."weight" AS Nullable(Float64)) IS NULL
        OR CAST({p11: Int64} AS Nullable(Float64)) IS NULL
        THEN NULL
        ELSE GREATEST(CAST(f."weight" AS Nullable(Float64)), CAST({p11: Int64} AS Nullable(Float64)))
      END
    ) AS Int64) AS s10,
    CAST(COUNT(
      CASE
        WHEN CAST(f."weight" AS Nullable(Float64)) IS NULL
        OR CAST(f."weight" + {p7: Int64} AS Nullable(Float64)) IS NULL
        THEN NULL
        ELSE LEAST(
          CAST(f."weight" AS Nullable(Float64)),
          CAST(f."weight" + {p7: Int64} AS Nullable(Float64))
        )
      END
    ) AS Int64) AS s11
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
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s8, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s8, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s8, 0) AS r2,
    COALESCE(scan_0.s2, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s3, 0) AS r3,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s4
    END AS t4,
    COALESCE(scan_0.s8, 0) AS r4,
    COALESCE(scan_0.s9, 0) AS n4,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s5
    END AS t5,
    COALESCE(scan_0.s8, 0) AS r5,
    COALESCE(scan_0.s10, 0) AS n5,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s6
    END AS t6,
    COALESCE(scan_0.s8, 0) AS r6,
    COALESCE(scan_0.s11, 0) AS n6,
    CASE
      WHEN COALESCE(scan_0.s8, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s7
    END AS t7,
    COALESCE(scan_0.s8, 0) AS r7,
    COALESCE(scan_0.s9, 0) AS n7
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p12: Array(Bool)}, arrayEnumerate({p12: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t5 AS k5,
  t6 AS k6,
  t7 AS k7,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  n5,
  t6 AS v6,
  r6,
  n6,
  t7 AS v7,
  r7,
  n7
FROM terms
ORDER BY
  period ASC
LIMIT {p13: Int64}
OFFSET {p14: Int64}

WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    MIN(f."weight") AS s0,
    MAX(f."weight") AS s1,
    quantileExactInclusive(0.5)(CAST(f."weight" AS Nullable(Float64))) AS s2,
    quantileExactInclusive(0.25)(CAST(f."weight" AS Nullable(Float64))) AS s3,
    CASE
      WHEN CAST(COUNT(f."weight") AS Int64) > 0
      THEN arrayElement(
        arraySort(groupArray(f."weight")),
        toUInt64(greatest(ceil(0.24999999999999975 * CAST(COUNT(f."weight") AS Int64)), 1))
      )
    END AS s4,
    quantileExactInclusive(0.9)(CAST(f."weight" AS Nullable(Float64))) AS s5,
    CAST(COUNT(*) AS Int64) AS s6,
    CAST(COUNT(f."weight") AS Int64) AS s7
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
    scan_0.s0 AS t0,
    COALESCE(scan_0.s6, 0) AS r0,
    COALESCE(scan_0.s7, 0) AS n0,
    scan_0.s1 AS t1,
    COALESCE(scan_0.s6, 0) AS r1,
    COALESCE(scan_0.s7, 0) AS n1,
    scan_0.s2 AS t2,
    COALESCE(scan_0.s6, 0) AS r2,
    COALESCE(scan_0.s7, 0) AS n2,
    scan_0.s3 AS t3,
    COALESCE(scan_0.s6, 0) AS r3,
    COALESCE(scan_0.s7, 0) AS n3,
    scan_0.s4 AS t4,
    COALESCE(scan_0.s6, 0) AS r4,
    COALESCE(scan_0.s7, 0) AS n4,
    scan_0.s5 AS t5,
    COALESCE(scan_0.s6, 0) AS r5,
    COALESCE(scan_0.s7, 0) AS n5
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
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t5 AS k5,
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
  n3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  n5
FROM terms
ORDER BY
  period ASC
LIMIT {p5: Int64}
OFFSET {p6: Int64}

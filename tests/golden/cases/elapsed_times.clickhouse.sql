WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(
      (
        CAST((
          toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))))
        ) AS Nullable(Float64)) / CAST(60000000 AS Nullable(Float64))
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    SUM(
      (
        CAST((
          toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))))
        ) AS Nullable(Float64)) / CAST(3600000000 AS Nullable(Float64))
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s1,
    SUM(
      (
        CAST((
          toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))))
        ) AS Nullable(Float64)) / CAST(86400000000 AS Nullable(Float64))
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s2,
    SUM(
      (
        CAST((
          toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC'))))
        ) AS Nullable(Float64)) / CAST(3600000000 AS Nullable(Float64))
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s3,
    CAST(COUNT(*) AS Int64) AS s4,
    CAST(COUNT(f."delivered_at") AS Int64) AS s5
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p3: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p4: DateTime64(6, 'UTC')}
    AND f."order_id" <> {p2: String}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s4, 0) AS r0,
    COALESCE(scan_0.s5, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s4, 0) AS r1,
    COALESCE(scan_0.s5, 0) AS n1,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s4, 0) AS r2,
    COALESCE(scan_0.s5, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s4, 0) AS r3,
    COALESCE(scan_0.s5, 0) AS n3
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p5: Array(Bool)}, arrayEnumerate({p5: Array(Bool)}))) AS z
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
  CAST(t0 AS Nullable(Float64)) / CAST(60 AS Nullable(Float64)) AS k3,
  CAST(t3 * 60 AS Nullable(Float64)) / CAST(1 AS Nullable(Float64)) AS k4,
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
  n3
FROM terms
ORDER BY
  period ASC
LIMIT {p6: Int64}
OFFSET {p7: Int64}

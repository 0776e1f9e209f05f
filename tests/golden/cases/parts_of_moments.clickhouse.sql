WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(
      CAST(toYear(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    SUM(
      CAST(toQuarter(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s1,
    SUM(
      CAST(toMonth(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s2,
    SUM(
      CAST(toISOWeek(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s3,
    SUM(
      CAST(toDayOfMonth(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s4,
    SUM(
      CAST(toDayOfWeek(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), 0, {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s5,
    SUM(
      CAST(toHour(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s6,
    SUM(
      CAST(toMinute(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s7,
    SUM(
      CAST(toSecond(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s8,
    CAST(COUNT(*) AS Int64) AS s9
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
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s9, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s9, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s9, 0) AS r2,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s9, 0) AS r3,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s4
    END AS t4,
    COALESCE(scan_0.s9, 0) AS r4,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s5
    END AS t5,
    COALESCE(scan_0.s9, 0) AS r5,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s6
    END AS t6,
    COALESCE(scan_0.s9, 0) AS r6,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s7
    END AS t7,
    COALESCE(scan_0.s9, 0) AS r7,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s8
    END AS t8,
    COALESCE(scan_0.s9, 0) AS r8
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
  t3 AS k3,
  t4 AS k4,
  t5 AS k5,
  t6 AS k6,
  t7 AS k7,
  t8 AS k8,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  t4 AS v4,
  r4,
  t5 AS v5,
  r5,
  t6 AS v6,
  r6,
  t7 AS v7,
  r7,
  t8 AS v8,
  r8
FROM terms
ORDER BY
  period ASC
LIMIT {p6: Int64}
OFFSET {p7: Int64}

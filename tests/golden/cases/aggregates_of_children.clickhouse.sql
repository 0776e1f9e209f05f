WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(COALESCE(c0.value, 0) * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(COALESCE(c0.value, 0)) AS Int64) AS s1,
    SUM(
      CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s2,
    MAX(CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS Nullable(Int64))) AS s3,
    MIN(CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS Nullable(Int64))) AS s4,
    MAX(c2.value) AS s5,
    MIN(c3.value) AS s6,
    SUM(c4.value * CAST(1 AS Decimal(76, 0))) AS s7,
    CAST(COUNT(CAST(CASE WHEN c1.children IS NULL THEN 0 ELSE c1.value END AS Nullable(Int64))) AS Int64) AS s8,
    CAST(COUNT(*) AS Int64) AS s9,
    CAST(COUNT(c2.value) AS Int64) AS s10,
    CAST(COUNT(c3.value) AS Int64) AS s11,
    CAST(COUNT(c4.value) AS Int64) AS s12
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      CAST(COUNT(*) AS Int64) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      SUM(f."quantity" * CAST(1 AS Decimal(76, 0))) AS value,
      CAST(COUNT(*) AS Int64) AS children
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      CAST(SUM(f."unit_price" * CAST(1 AS Decimal(76, 0))) AS Nullable(Float64)) / nullIf(CAST(CAST(COUNT(f."unit_price") AS Int64) AS Nullable(Float64)), 0) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c2
    ON c2.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      MIN(f."unit_price") AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c3
    ON c3.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      MAX(f."quantity") AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c4
    ON c4.k0 = f."order_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CAST(scan_0.s0 AS Nullable(Float64)) / nullIf(CAST(scan_0.s1 AS Nullable(Float64)), 0) AS t0,
    COALESCE(scan_0.s9, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t1,
    COALESCE(scan_0.s9, 0) AS r1,
    scan_0.s3 AS t2,
    COALESCE(scan_0.s9, 0) AS r2,
    scan_0.s4 AS t3,
    COALESCE(scan_0.s9, 0) AS r3,
    scan_0.s5 AS t4,
    COALESCE(scan_0.s9, 0) AS r4,
    COALESCE(scan_0.s10, 0) AS n4,
    scan_0.s6 AS t5,
    COALESCE(scan_0.s9, 0) AS r5,
    COALESCE(scan_0.s11, 0) AS n5,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s7
    END AS t6,
    COALESCE(scan_0.s9, 0) AS r6,
    COALESCE(scan_0.s12, 0) AS n6,
    CASE
      WHEN COALESCE(scan_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s8
    END AS t7,
    COALESCE(scan_0.s9, 0) AS r7
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
  t6 AS k6,
  t7 AS k7,
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
  n4,
  t5 AS v5,
  r5,
  n5,
  t6 AS v6,
  r6,
  n6,
  t7 AS v7,
  r7
FROM terms
ORDER BY
  period ASC
LIMIT {p5: Int64}
OFFSET {p6: Int64}

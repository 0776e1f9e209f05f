WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(
      CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS Nullable(Int64)) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    MIN(CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS Nullable(Int64))) AS s1,
    SUM(COALESCE(c1.value, 0) * CAST(1 AS Decimal(76, 0))) AS s2,
    CAST(COUNT(*) AS Int64) AS s3
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      SUM(f."quantity" * CAST(1 AS Decimal(76, 0))) AS value,
      CAST(COUNT(*) AS Int64) AS children
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String} AND f."discount" > {p4: Int64}
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      CAST(COUNT(*) AS Int64) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String} AND f."discount" > {p4: Int64}
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f."order_id"
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
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s3, 0) AS r0,
    scan_0.s1 AS t1,
    COALESCE(scan_0.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s3, 0) AS r2
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
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC
LIMIT {p6: Int64}
OFFSET {p7: Int64}

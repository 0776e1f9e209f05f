WITH scan_0_fine AS (
  SELECT
    intDiv((
      toInt64(toInt32(f."sold_on")) - {p1: Int64}
    ), {p2: Int64}) + 1 AS cell,
    f."store" AS d0,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(f."amount") AS Int64) AS s2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."sold_on" >= {p4: Date32}
    AND f."sold_on" < {p5: Date32}
  GROUP BY
    1,
    2
), scan_0 AS (
  SELECT
    arrayElement({p6: Array(Int64)}, cell) AS period,
    d0,
    SUM(s0 * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(SUM(s1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM scan_0_fine
  GROUP BY
    1,
    2
), scan_1_fine AS (
  SELECT
    intDiv((
      toInt64(toInt32(f."sold_on")) - {p1: Int64}
    ), {p2: Int64}) + 1 AS cell,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS s3,
    CAST(COUNT(*) AS Int64) AS s4,
    CAST(COUNT(f."amount") AS Int64) AS s5
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."sold_on" >= {p4: Date32}
    AND f."sold_on" < {p5: Date32}
  GROUP BY
    1
), scan_1 AS (
  SELECT
    arrayElement({p6: Array(Int64)}, cell) AS period,
    SUM(s3 * CAST(1 AS Decimal(76, 0))) AS s3,
    CAST(SUM(s4 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s4,
    CAST(SUM(s5 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s5
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    scan_0.d0 AS d0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s4, 0) AS r1,
    COALESCE(scan_1.s5, 0) AS n1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p7: Array(Bool)}, arrayEnumerate({p7: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  CAST(t0 AS Nullable(Float64)) / nullIf(CAST(t1 AS Nullable(Float64)), 0) AS k1,
  CASE
    WHEN (
      r0 > 0
    ) AND NOT (
      (
        t0
      ) IS NULL
    )
    THEN RANK() OVER (
      PARTITION BY period, CASE WHEN (
        r0 > 0
      ) AND NOT (
        (
          t0
        ) IS NULL
      ) THEN 1 ELSE 0 END
      ORDER BY t0 DESC
    )
  END AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

WITH scan_0_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    CAST(COUNT(*) AS Int64) AS s0,
    SUM(
      (
        CAST((
          toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))))
        ) AS Nullable(Float64)) / CAST(3600000000 AS Nullable(Float64))
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s1,
    CAST(COUNT(
      CAST((
        toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))))
      ) AS Nullable(Float64)) / CAST(3600000000 AS Nullable(Float64))
    ) AS Int64) AS s2,
    CAST(COUNT(f."delivered_at") AS Int64) AS s4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."delivered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."delivered_at" < {p5: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_0 AS (
  SELECT
    arrayElement({p6: Array(Int64)}, cell) AS period,
    CAST(SUM(s0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s0,
    SUM(s1 * CAST(1 AS Decimal(76, 0))) AS s1,
    CAST(SUM(s2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2,
    CAST(SUM(s4 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s4
  FROM scan_0_fine
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    arrayElement(
      {p6: Array(Int64)},
      intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
        ),
        {p2: Int64}
      ) + 1
    ) AS period,
    quantileExactInclusive(0.9)(CAST(CAST((
      toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))))
    ) AS Nullable(Float64)) / CAST(3600000000 AS Nullable(Float64)) AS Nullable(Float64))) AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."delivered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."delivered_at" < {p5: DateTime64(6, 'UTC')}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0,
    CAST(scan_0.s1 AS Nullable(Float64)) / nullIf(CAST(scan_0.s2 AS Nullable(Float64)), 0) AS t1,
    COALESCE(scan_0.s0, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS n1,
    scan_0_whole.s3 AS t2,
    COALESCE(scan_0.s0, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS n2
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
  LEFT JOIN scan_0_whole
    ON scan_0_whole.period = spine.period
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
  n1,
  t2 AS v2,
  r2,
  n2
FROM terms
ORDER BY
  period ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

WITH scan_0_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    SUM(f."weight" * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(f."weight") AS Int64) AS s1,
    MAX(f."weight") AS s2,
    CAST(COUNT(*) AS Int64) AS s4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."ordered_at" >= {p5: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p6: DateTime64(6, 'UTC')}
    AND f."order_id" <> {p4: String}
  GROUP BY
    1
), scan_0 AS (
  SELECT
    arrayElement({p7: Array(Int64)}, cell) AS period,
    CAST(SUM(s0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Float64)) AS s0,
    CAST(SUM(s1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    MAX(s2) AS s2,
    CAST(SUM(s4 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s4
  FROM scan_0_fine
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    arrayElement(
      {p7: Array(Int64)},
      intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
        ),
        {p2: Int64}
      ) + 1
    ) AS period,
    CASE
      WHEN isFinite(stddevSampStable(CAST(f."weight" AS Nullable(Float64))))
      THEN stddevSampStable(CAST(f."weight" AS Nullable(Float64)))
    END AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."ordered_at" >= {p5: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p6: DateTime64(6, 'UTC')}
    AND f."order_id" <> {p4: String}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CAST(scan_0.s0 AS Nullable(Float64)) / nullIf(CAST(scan_0.s1 AS Nullable(Float64)), 0) AS t0,
    COALESCE(scan_0.s4, 0) AS r0,
    COALESCE(scan_0.s1, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t1,
    COALESCE(scan_0.s4, 0) AS r1,
    COALESCE(scan_0.s1, 0) AS n1,
    scan_0.s2 AS t2,
    COALESCE(scan_0.s4, 0) AS r2,
    COALESCE(scan_0.s1, 0) AS n2,
    scan_0_whole.s3 AS t3,
    COALESCE(scan_0.s4, 0) AS r3,
    COALESCE(scan_0.s1, 0) AS n3
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p8: Array(Bool)}, arrayEnumerate({p8: Array(Bool)}))) AS z
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
  t3 AS k3,
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
LIMIT {p9: Int64}
OFFSET {p10: Int64}

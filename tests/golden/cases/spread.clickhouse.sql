WITH scan_0_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    CAST(COUNT(*) AS Int64) AS s2,
    CAST(COUNT(f."weight") AS Int64) AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."ordered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p5: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_0 AS (
  SELECT
    arrayElement({p6: Array(Int64)}, cell) AS period,
    CAST(SUM(s2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2,
    CAST(SUM(s3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_0_fine
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    arrayElement(
      {p6: Array(Int64)},
      intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
        ),
        {p2: Int64}
      ) + 1
    ) AS period,
    CASE
      WHEN isFinite(varSampStable(CAST(f."weight" AS Nullable(Float64))))
      THEN varSampStable(CAST(f."weight" AS Nullable(Float64)))
    END AS s0,
    CASE
      WHEN isFinite(stddevSampStable(CAST(f."weight" AS Nullable(Float64))))
      THEN stddevSampStable(CAST(f."weight" AS Nullable(Float64)))
    END AS s1
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."ordered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p5: DateTime64(6, 'UTC')}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    scan_0_whole.s0 AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0,
    scan_0_whole.s1 AS t1,
    COALESCE(scan_0.s2, 0) AS r1,
    COALESCE(scan_0.s3, 0) AS n1
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
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

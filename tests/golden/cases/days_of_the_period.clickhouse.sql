WITH scan_0_fine AS (
  SELECT
    intDiv((
      toInt64(toInt32(f."sold_on")) - {p1: Int64}
    ), {p2: Int64}) + 1 AS cell,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(f."amount") AS Int64) AS s2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."sold_on" >= {p4: Date32}
    AND f."sold_on" < {p5: Date32}
  GROUP BY
    1
), scan_0 AS (
  SELECT
    arrayElement({p6: Array(Int64)}, cell) AS period,
    SUM(s0 * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(SUM(s1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM scan_0_fine
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p7: Int64}
      ),
      {p8: Int64}
    ) + 1 AS cell,
    CAST(COUNT(*) AS Int64) AS s3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."ordered_at" >= {p9: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p10: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_1 AS (
  SELECT
    arrayElement({p11: Array(Int64)}, cell) AS period,
    CAST(SUM(s3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    spine.days_0 AS days_0
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS days_0,
      tupleElement(z.z, 4) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p12: Array(Bool)},
            {p13: Array(Bool)},
            {p14: Array(Int64)},
            arrayEnumerate({p12: Array(Bool)})
          )
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  CAST(t0 AS Nullable(Float64)) / nullIf(CAST(days_0 AS Nullable(Float64)), 0) AS k0,
  CAST((
    CAST(t1 AS Nullable(Decimal(76, 0))) * days_0
  ) AS Nullable(Float64)) / nullIf(CAST(days_0 AS Nullable(Float64)), 0) AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC
LIMIT {p15: Int64}
OFFSET {p16: Int64}

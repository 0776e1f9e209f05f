WITH scan_0_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    SUM(
      (
        (
          f."unit_price" * CAST(1 AS Decimal(76, 0))
        ) * f."quantity"
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    SUM(
      CASE WHEN NOT (
        f."unit_price" IS NULL
      ) THEN f."quantity" END * CAST(1 AS Decimal(76, 0))
    ) AS s1,
    CAST(COUNT(*) AS Int64) AS s2,
    CAST(COUNT(
      CASE
        WHEN NOT (
          f."quantity" IS NULL
        )
        THEN f."unit_price" + (
          defaultValueOfArgumentType(assumeNotNull(f."unit_price"))
        )
      END
    ) AS Int64) AS s3
  FROM "facts"."order_line" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."booked_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."booked_at" < {p5: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_0 AS (
  SELECT
    arrayElement({p6: Array(Int64)}, cell) AS period,
    SUM(s0 * CAST(1 AS Decimal(76, 0))) AS s0,
    SUM(s1 * CAST(1 AS Decimal(76, 0))) AS s1,
    CAST(SUM(s2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2,
    CAST(SUM(s3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_0_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CAST(scan_0.s0 AS Nullable(Float64)) / nullIf(CAST(scan_0.s1 AS Nullable(Float64)), 0) AS t0,
    COALESCE(scan_0.s2, 0) AS r0,
    COALESCE(scan_0.s3, 0) AS n0
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
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
ORDER BY
  period ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

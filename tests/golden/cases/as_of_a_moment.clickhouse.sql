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
        CAST(f."quantity" AS Nullable(Decimal(76, 0))) * j1."amount"
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(CAST(f."quantity" AS Nullable(Decimal(76, 0))) * j1."amount") AS Int64) AS s2
  FROM "facts"."order_line" AS f
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(toNullable(f."from_at")) OVER (PARTITION BY f."product_id" ORDER BY f."from_at") AS ae_next
    FROM "facts"."price" AS f
    WHERE
      f."client_id" = {p3: String}
  ) AS j1
    ON j1."client_id" = f."client_id"
    AND j1."product_id" = f."product_id"
    AND j1."from_at" <= f."booked_at"
    AND (
      j1."to_at" IS NULL OR f."booked_at" < j1."to_at"
    )
    AND (
      j1.ae_next IS NULL OR f."booked_at" < j1.ae_next
    )
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
    CAST(SUM(s1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM scan_0_fine
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
    COALESCE(scan_0.s2, 0) AS n0
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

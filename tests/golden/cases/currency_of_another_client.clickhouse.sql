WITH scan_0_fine AS (
  SELECT
    intDiv((
      toInt64(toInt32(f."issued_on")) - {p1: Int64}
    ), {p2: Int64}) + 1 AS cell,
    SUM(
      (
        (
          f."amount" * CAST(1 AS Decimal(76, 0))
        ) * CASE WHEN f."currency" = {p6: String} THEN 1 ELSE x0."rate" END
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(
      (
        f."amount" * CAST(1 AS Decimal(76, 0))
      ) * CASE WHEN f."currency" = {p6: String} THEN 1 ELSE x0."rate" END
    ) AS Int64) AS s2
  FROM "facts"."invoice" AS f
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(toNullable(f."quoted_on")) OVER (PARTITION BY f."from_currency" ORDER BY f."quoted_on") AS ae_next
    FROM "facts"."fx_rate" AS f
    WHERE
      f."client_id" = {p3: String} AND f."to_currency" = {p6: String}
  ) AS x0
    ON x0."from_currency" = f."currency"
    AND x0."quoted_on" <= f."issued_on"
    AND (
      x0.ae_next IS NULL OR f."issued_on" < x0.ae_next
    )
    AND addDays(x0."quoted_on", 7) >= f."issued_on"
  WHERE
    f."client_id" = {p3: String}
    AND f."issued_on" >= {p4: Date32}
    AND f."issued_on" < {p5: Date32}
  GROUP BY
    1
), scan_0 AS (
  SELECT
    arrayElement({p7: Array(Int64)}, cell) AS period,
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
        arrayJoin(arrayZip({p8: Array(Bool)}, arrayEnumerate({p8: Array(Bool)}))) AS z
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
LIMIT {p9: Int64}
OFFSET {p10: Int64}

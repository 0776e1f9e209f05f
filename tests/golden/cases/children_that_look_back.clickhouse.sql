WITH scan_0_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    SUM(COALESCE(c0.value, 0) * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(*) AS Int64) AS s1
  FROM "facts"."order_line" AS f
  LEFT JOIN (
    SELECT
      f."line_id" AS k0,
      CAST(COUNT(*) AS Int64) AS value
    FROM "facts"."shipment" AS f
    LEFT JOIN "facts"."order_line" AS j1
      ON j1."client_id" = f."client_id" AND j1."line_id" = f."line_id"
    LEFT JOIN "facts"."order" AS j2
      ON j2."client_id" = f."client_id" AND j2."order_id" = j1."order_id"
    WHERE
      f."client_id" = {p3: String} AND f."shipped_at" <= j2."delivered_at"
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."line_id"
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
    CAST(SUM(s1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1
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
    COALESCE(scan_0.s1, 0) AS r0
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
), repeated_order_line AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p3: String}
    GROUP BY
      f."line_id"
  ) AS k
  WHERE
    k.times > 1
), repeated_order AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = {p3: String}
    GROUP BY
      f."order_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_order_line
  ) AS repeated_order_line,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_order
  ) AS repeated_order
FROM terms
ORDER BY
  period ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

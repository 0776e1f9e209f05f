WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  LEFT JOIN "facts"."customer" AS j1
    ON j1."client_id" = f."client_id" AND j1."customer_id" = f."customer_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p3: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p4: DateTime64(6, 'UTC')}
    AND NOT (
      j1."segment" IN ({p2: String})
    )
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
    COALESCE(scan_0.s0, 0) AS r0
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
), repeated_customer AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."customer" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      f."customer_id"
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
    FROM repeated_customer
  ) AS repeated_customer
FROM terms
ORDER BY
  period ASC
LIMIT {p6: Int64}
OFFSET {p7: Int64}

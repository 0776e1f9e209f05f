WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    j2."region_id" AS d0,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  LEFT JOIN "facts"."customer" AS j1
    ON j1."client_id" = f."client_id" AND j1."customer_id" = f."customer_id"
  LEFT JOIN "facts"."region" AS j2
    ON j2."client_id" = f."client_id" AND j2."region_id" = j1."region_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
    AND NOT (
      j2."region_id" IS NULL
    )
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    j1."region_id" AS d0,
    SUM(f."hours" * CAST(1 AS Decimal(76, 0))) AS s1,
    CAST(COUNT(*) AS Int64) AS s2,
    CAST(COUNT(f."hours") AS Int64) AS s3
  FROM "facts"."shift" AS f
  LEFT JOIN "facts"."region" AS j1
    ON j1."client_id" = f."client_id" AND j1."region_id" = f."region_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."worked_on" >= {p4: Date32}
    AND f."worked_on" < {p5: Date32}
    AND NOT (
      j1."region_id" IS NULL
    )
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0,
    NULL AS s1,
    NULL AS s2,
    NULL AS s3
  FROM scan_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    NULL AS s0,
    s1,
    s2,
    s3
  FROM scan_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(s0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(s1) FILTER(WHERE
      piece = 1) AS s1,
    MAX(s2) FILTER(WHERE
      piece = 1) AS s2,
    MAX(s3) FILTER(WHERE
      piece = 1) AS s3
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period AS period,
    merged.d0 AS d0,
    CASE
      WHEN COALESCE(merged.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s0, 0) AS r0,
    CASE
      WHEN COALESCE(merged.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s1
    END AS t1,
    COALESCE(merged.s2, 0) AS r1,
    COALESCE(merged.s3, 0) AS n1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p6: Array(Bool)}, {p7: Array(Bool)}, arrayEnumerate({p6: Array(Bool)}))
        ) AS z
    ) AS z
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
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
), repeated_region AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."region" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      f."region_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  CAST(t0 AS Nullable(Float64)) / nullIf(CAST(t1 AS Nullable(Float64)), 0) AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  n1,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_customer
  ) AS repeated_customer,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_region
  ) AS repeated_region
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

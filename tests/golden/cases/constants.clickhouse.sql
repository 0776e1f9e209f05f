WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(f."amount") AS Int64) AS s2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."sold_on" >= {p2: Date32}
    AND f."sold_on" < {p3: Date32}
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(*) FILTER(WHERE
      f."promised_on" > {p6: Date32}) AS Int64) AS s3,
    CAST(COUNT(*) FILTER(WHERE
      f."ordered_at" >= {p7: DateTime64(6, 'UTC')}) AS Int64) AS s4,
    SUM(f."weight" * CAST(1 AS Decimal(76, 0))) AS s5,
    CAST(COUNT(*) FILTER(WHERE
      (
        (
          (
            f."weight" >= {p8: Int64}
          ) AND (
            f."customer_id" = {p9: String}
          )
        )
        OR (
          f."customer_id" = {p10: String}
        )
      )) AS Int64) AS s6,
    CAST(COUNT(*) AS Int64) AS s7,
    CAST(COUNT(f."weight") AS Int64) AS s8
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p5: DateTime64(6, 'UTC')}
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
    CASE
      WHEN COALESCE(scan_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s4
    END AS t2,
    COALESCE(scan_1.s4, 0) AS r2,
    CASE
      WHEN COALESCE(scan_1.s7, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s5
    END AS t3,
    COALESCE(scan_1.s7, 0) AS r3,
    COALESCE(scan_1.s8, 0) AS n3,
    CASE
      WHEN COALESCE(scan_1.s6, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s6
    END AS t4,
    COALESCE(scan_1.s6, 0) AS r4,
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
            {p11: Array(Bool)},
            {p12: Array(Bool)},
            {p13: Array(Int64)},
            arrayEnumerate({p11: Array(Bool)})
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
  CAST((
    t0 * {p14: Int64}
  ) AS Nullable(Float64)) / nullIf(CAST(days_0 AS Nullable(Float64)), 0) AS k0,
  t1 AS k1,
  t2 AS k2,
  CAST(t3 AS Nullable(Float64)) / nullIf(CAST({p15: Int64} AS Nullable(Float64)), 0) AS k3,
  t4 AS k4,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4
FROM terms
ORDER BY
  period ASC
LIMIT {p16: Int64}
OFFSET {p17: Int64}

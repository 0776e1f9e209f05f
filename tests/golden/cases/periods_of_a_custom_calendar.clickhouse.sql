WITH cut_0 AS (
  SELECT
    r.period AS period,
    r.first_segment AS first_segment,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS first_segment,
      tupleElement(z.z, 2) AS last_segment,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p12: Array(Int64)}, {p13: Array(Int64)}, arrayEnumerate({p12: Array(Int64)}))
        ) AS z
    ) AS z
  ) AS r
), cut_1 AS (
  SELECT
    r.period AS period,
    r.first_segment AS first_segment,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS first_segment,
      tupleElement(z.z, 2) AS last_segment,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p14: Array(Int64)}, {p15: Array(Int64)}, arrayEnumerate({p14: Array(Int64)}))
        ) AS z
    ) AS z
  ) AS r
), cut_2 AS (
  SELECT
    r.period AS period,
    r.first_segment AS first_segment,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS first_segment,
      tupleElement(z.z, 2) AS last_segment,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p16: Array(Int64)}, {p17: Array(Int64)}, arrayEnumerate({p16: Array(Int64)}))
        ) AS z
    ) AS z
  ) AS r
), pairs_0 AS (
  SELECT
    c.period AS period,
    s.segment AS segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS segment,
      tupleElement(z.z, 2) AS position
    FROM (
      SELECT
        arrayJoin(arrayZip({p18: Array(Int64)}, arrayEnumerate({p18: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period AS period,
    s.segment AS segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS segment,
      tupleElement(z.z, 2) AS position
    FROM (
      SELECT
        arrayJoin(arrayZip({p18: Array(Int64)}, arrayEnumerate({p18: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period AS period,
    s.segment AS segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS segment,
      tupleElement(z.z, 2) AS position
    FROM (
      SELECT
        arrayJoin(arrayZip({p18: Array(Int64)}, arrayEnumerate({p18: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    intDiv((
      toInt64(toInt32(f."sold_on")) - {p1: Int64}
    ), {p2: Int64}) + 1 AS cell,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS a0,
    CAST(COUNT(*) AS Int64) AS a1,
    CAST(COUNT(f."amount") AS Int64) AS a2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."sold_on" >= {p4: Date32}
    AND f."sold_on" < {p5: Date32}
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period AS period,
    SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = arrayElement({p6: Array(Int64)}, s.cell)
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period AS period,
    SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS s3,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s4,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s5
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = arrayElement({p6: Array(Int64)}, s.cell)
  GROUP BY
    1
), scan_0_2 AS (
  SELECT
    e.period AS period,
    SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS s6,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s7,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s8
  FROM scan_0 AS s
  JOIN pairs_2 AS e
    ON e.segment = arrayElement({p6: Array(Int64)}, s.cell)
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s3
    END AS t1,
    COALESCE(scan_0_1.s4, 0) AS r1,
    COALESCE(scan_0_1.s5, 0) AS n1,
    CASE
      WHEN COALESCE(scan_0_2.s7, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_0_2.s6
    END AS t2,
    COALESCE(scan_0_2.s7, 0) AS r2,
    COALESCE(scan_0_2.s8, 0) AS n2
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS covered_2,
      tupleElement(z.z, 4) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p7: Array(Bool)},
            {p8: Array(Bool)},
            {p9: Array(Bool)},
            arrayEnumerate({p7: Array(Bool)})
          )
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_0_2
    ON scan_0_2.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2
FROM terms
ORDER BY
  period ASC
LIMIT {p10: Int64}
OFFSET {p11: Int64}

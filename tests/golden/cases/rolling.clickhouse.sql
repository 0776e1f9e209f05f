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
          arrayZip({p13: Array(Int64)}, {p14: Array(Int64)}, arrayEnumerate({p13: Array(Int64)}))
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
        arrayJoin(arrayZip({p7: Array(Int64)}, arrayEnumerate({p7: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
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
), scan_1 AS (
  SELECT
    arrayElement(
      {p6: Array(Int64)},
      intDiv((
        toInt64(toInt32(f."sold_on")) - {p1: Int64}
      ), {p2: Int64}) + 1
    ) AS segment,
    f."customer_id" AS value,
    CAST(COUNT(*) AS Int64) AS counted
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."sold_on" >= {p4: Date32}
    AND f."sold_on" < {p5: Date32}
  GROUP BY
    1,
    2
), scan_1_held AS (
  SELECT
    s.enters AS enters,
    s.leaves AS leaves,
    LEAD(toNullable(s.enters)) OVER (PARTITION BY k.value ORDER BY s.enters, k.segment) AS follows
  FROM scan_1 AS k
  JOIN (
    SELECT
      tupleElement(z.z, 1) AS segment,
      tupleElement(z.z, 2) AS enters,
      tupleElement(z.z, 3) AS leaves,
      tupleElement(z.z, 4) AS position
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p7: Array(Int64)},
            {p8: Array(Int64)},
            {p9: Array(Int64)},
            arrayEnumerate({p7: Array(Int64)})
          )
        ) AS z
    ) AS z
  ) AS s
    ON s.segment = k.segment
  WHERE
    NOT (
      k.value IS NULL
    ) AND s.enters <= s.leaves
), scan_1_moves AS (
  SELECT
    enters AS at,
    1 AS moved
  FROM scan_1_held
  WHERE
    enters <= CASE
      WHEN NOT (
        follows IS NULL
      ) AND follows <= leaves
      THEN follows - 1
      ELSE leaves
    END
  UNION ALL
  SELECT
    (
      CASE
        WHEN NOT (
          follows IS NULL
        ) AND follows <= leaves
        THEN follows - 1
        ELSE leaves
      END
    ) + 1 AS at,
    -1 AS moved
  FROM scan_1_held
  WHERE
    enters <= CASE
      WHEN NOT (
        follows IS NULL
      ) AND follows <= leaves
      THEN follows - 1
      ELSE leaves
    END
), scan_1_sums AS (
  SELECT
    at,
    SUM(moved) AS moved
  FROM scan_1_moves
  GROUP BY
    at
), scan_1_running AS (
  SELECT
    at,
    SUM(moved) OVER (ORDER BY at) AS present,
    LEAD(toNullable(at)) OVER (ORDER BY at) AS until
  FROM scan_1_sums
), scan_1_cells AS (
  SELECT
    e.period AS period,
    CAST(s.present AS Nullable(Int64)) AS s3
  FROM scan_1_running AS s
  JOIN cut_0 AS e
    ON e.period >= s.at AND (
      s.until IS NULL OR e.period < s.until
    )
  WHERE
    s.present > 0
), scan_1_rows AS (
  SELECT
    e.period AS period,
    CAST(SUM(s.counted) AS Nullable(Int64)) AS s4,
    CAST(SUM(s.valued) AS Nullable(Int64)) AS s5
  FROM (
    SELECT
      segment,
      SUM(counted) AS counted,
      SUM(CASE WHEN value IS NULL THEN 0 ELSE counted END) AS valued
    FROM scan_1
    GROUP BY
      segment
  ) AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
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
      WHEN COALESCE(scan_1_rows.s4, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_1_cells.s3, 0)
    END AS t1,
    COALESCE(scan_1_rows.s4, 0) AS r1,
    COALESCE(scan_1_rows.s5, 0) AS n1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p10: Array(Bool)}, arrayEnumerate({p10: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_1_cells
    ON scan_1_cells.period = spine.period
  LEFT JOIN scan_1_rows
    ON scan_1_rows.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  CAST(t0 AS Nullable(Float64)) / nullIf(CAST(t1 AS Nullable(Float64)), 0) AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
ORDER BY
  period ASC
LIMIT {p11: Int64}
OFFSET {p12: Int64}

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
          arrayZip({p9: Array(Int64)}, {p10: Array(Int64)}, arrayEnumerate({p9: Array(Int64)}))
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
        arrayJoin(arrayZip({p11: Array(Int64)}, arrayEnumerate({p11: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period AS period,
    f."store" AS d0,
    f."amount" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."store", f."customer_id"
      ORDER BY CASE WHEN NOT (
        (
          f."amount"
        ) IS NULL
      ) THEN 1 ELSE 0 END DESC, f."sold_on" DESC, f."sale_id" DESC
    ) AS place
  FROM "facts"."sale" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toInt64(toInt32(f."sold_on")) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv((
          toInt64(toInt32(f."sold_on")) - {p2: Int64}
        ), {p3: Int64}) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv((
          toInt64(toInt32(f."sold_on")) - {p2: Int64}
        ), {p3: Int64}) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
), scan_0 AS (
  SELECT
    period,
    d0,
    SUM(value * CAST(1 AS Decimal(76, 0))) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    CAST(COUNT(*) FILTER(WHERE
      there = 1) AS Int64) AS s1
  FROM scan_0_rows
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period AS period,
    scan_0.d0 AS d0,
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
        arrayJoin(arrayZip({p6: Array(Bool)}, arrayEnumerate({p6: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p7: Int64}
OFFSET {p8: Int64}

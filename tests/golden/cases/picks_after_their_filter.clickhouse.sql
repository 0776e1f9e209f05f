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
          arrayZip({p10: Array(Int64)}, {p11: Array(Int64)}, arrayEnumerate({p10: Array(Int64)}))
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
        arrayJoin(arrayZip({p12: Array(Int64)}, arrayEnumerate({p12: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period AS period,
    f."quantity" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."product_id"
      ORDER BY CASE WHEN NOT (
        (
          f."quantity"
        ) IS NULL
      ) THEN 1 ELSE 0 END DESC, f."taken_at" DESC, f."product_id" DESC, f."warehouse_id" DESC, f."taken_at" DESC
    ) AS place
  FROM "facts"."stock" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) < {p3: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p3: Int64}
          ),
          {p4: Int64}
        ) + 1
      ) > length({p5: Array(Int64)})
      THEN {p6: Int64}
      ELSE arrayElement(
        {p5: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p3: Int64}
          ),
          {p4: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String} AND f."warehouse_id" = {p2: String}
), scan_0 AS (
  SELECT
    period,
    SUM(value * CAST(1 AS Decimal(76, 0))) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    CAST(COUNT(*) FILTER(WHERE
      there = 1) AS Int64) AS s1
  FROM scan_0_rows
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
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
ORDER BY
  period ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

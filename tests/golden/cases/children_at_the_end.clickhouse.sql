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
          arrayZip({p11: Array(Int64)}, {p12: Array(Int64)}, arrayEnumerate({p11: Array(Int64)}))
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
        arrayJoin(arrayZip({p13: Array(Int64)}, arrayEnumerate({p13: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), spans_0 AS (
  SELECT
    r.period AS period,
    r.ends_at AS ends_at
  FROM (
    SELECT
      tupleElement(z.z, 1) AS ends_at,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p14: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p14: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period AS period,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order_line" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  LEFT JOIN (
    SELECT
      f."line_id" AS k0,
      e.period AS k1,
      SUM(f."quantity" * CAST(1 AS Decimal(76, 0))) AS value,
      CAST(COUNT(*) AS Int64) AS children
    FROM "facts"."shipment" AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = {p1: String} AND f."shipped_at" < p.ends_at
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = f."line_id" AND c0.k1 = e.period
  WHERE
    f."client_id" = {p1: String}
    AND CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS Nullable(Int64)) >= f."quantity"
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
      ),
      {p3: Int64}
    ) + 1 AS cell,
    CAST(COUNT(*) AS Int64) AS s1
  FROM "facts"."order_line" AS f
  LEFT JOIN (
    SELECT
      f."line_id" AS k0,
      SUM(f."quantity" * CAST(1 AS Decimal(76, 0))) AS value,
      CAST(COUNT(*) AS Int64) AS children
    FROM "facts"."shipment" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."line_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."booked_at" >= {p6: DateTime64(6, 'UTC')}
    AND f."booked_at" < {p7: DateTime64(6, 'UTC')}
    AND CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS Nullable(Int64)) >= f."quantity"
  GROUP BY
    1
), scan_1 AS (
  SELECT
    arrayElement({p4: Array(Int64)}, cell) AS period,
    CAST(SUM(s1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1
  FROM scan_1_fine
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
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_1.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1
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
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC
LIMIT {p9: Int64}
OFFSET {p10: Int64}

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
            {p13: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p13: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period AS period,
    CAST(COUNT(DISTINCT f."product_id") AS Int64) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(f."product_id") AS Int64) AS s2
  FROM "facts"."order_line" AS f
  LEFT JOIN "facts"."product" AS j1
    ON j1."client_id" = f."client_id" AND j1."product_id" = f."product_id"
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) < {p3: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) - {p3: Int64}
          ),
          {p4: Int64}
        ) + 1
      ) > length({p5: Array(Int64)})
      THEN {p6: Int64}
      ELSE arrayElement(
        {p5: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."booked_at" AS Nullable(DateTime64(6, 'UTC')))) - {p3: Int64}
          ),
          {p4: Int64}
        ) + 1
      )
    END
  LEFT JOIN (
    SELECT
      f."product_id" AS k0,
      e.period AS k1,
      SUM(f."quantity" * CAST(1 AS Decimal(76, 0))) AS value,
      CAST(COUNT(*) AS Int64) AS children
    FROM (
      SELECT
        f.*,
        LEAD(toNullable(f."taken_at")) OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at") AS ae_next
      FROM "facts"."stock" AS f
      WHERE
        f."client_id" = {p1: String}
    ) AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = {p1: String}
      AND f."taken_at" < p.ends_at
      AND (
        f.ae_next IS NULL OR f.ae_next >= p.ends_at
      )
      AND addSeconds(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC'))), 604800) >= p.ends_at
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = j1."product_id" AND c0.k1 = e.period
  WHERE
    f."client_id" = {p1: String}
    AND CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS Nullable(Int64)) > {p2: Int64}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s0, 0)
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
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
), repeated_product AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."product" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      f."product_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_product
  ) AS repeated_product
FROM terms
ORDER BY
  period ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

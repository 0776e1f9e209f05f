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
    f."quantity" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."product_id", f."warehouse_id"
      ORDER BY CASE WHEN NOT (
        (
          f."quantity"
        ) IS NULL
      ) THEN 1 ELSE 0 END DESC, f."taken_at" DESC, f."product_id" DESC, f."warehouse_id" DESC, f."taken_at" DESC
    ) AS place
  FROM "facts"."stock" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
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
), scan_1_rows AS (
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
      WHEN toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
), scan_1 AS (
  SELECT
    period,
    SUM(value * CAST(1 AS Decimal(76, 0))) FILTER(WHERE
      place = 1 AND there = 1) AS s2,
    COUNT(value) FILTER(WHERE
      place = 1 AND there = 1) AS s3,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s4,
    CAST(COUNT(*) FILTER(WHERE
      there = 1) AS Int64) AS s5
  FROM scan_1_rows
  GROUP BY
    1
), scan_2_rows AS (
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
      ) THEN 1 ELSE 0 END DESC, f."taken_at" ASC, f."product_id" ASC, f."warehouse_id" ASC, f."taken_at" ASC
    ) AS place
  FROM "facts"."stock" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
), scan_2 AS (
  SELECT
    period,
    SUM(value * CAST(1 AS Decimal(76, 0))) FILTER(WHERE
      place = 1 AND there = 1) AS s6,
    CAST(COUNT(*) FILTER(WHERE
      there = 1) AS Int64) AS s7
  FROM scan_2_rows
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
    CASE
      WHEN COALESCE(scan_1.s5, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s2
    END AS t1,
    COALESCE(scan_1.s5, 0) AS r1,
    CAST(scan_1.s2 AS Nullable(Float64)) / nullIf(CAST(scan_1.s3 AS Nullable(Float64)), 0) AS t2,
    COALESCE(scan_1.s5, 0) AS r2,
    scan_1.s4 AS t3,
    COALESCE(scan_1.s5, 0) AS r3,
    CASE
      WHEN COALESCE(scan_1.s5, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s3
    END AS t4,
    COALESCE(scan_1.s5, 0) AS r4,
    CASE
      WHEN COALESCE(scan_2.s7, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_2.s6
    END AS t5,
    COALESCE(scan_2.s7, 0) AS r5
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p6: Array(Bool)}, arrayEnumerate({p6: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t4 AS k4,
  t5 AS k5,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  t4 AS v4,
  r4,
  t5 AS v5,
  r5
FROM terms
ORDER BY
  period ASC
LIMIT {p7: Int64}
OFFSET {p8: Int64}

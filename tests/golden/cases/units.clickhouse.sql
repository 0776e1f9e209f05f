WITH cut_0 AS (
  SELECT
    r.period AS period,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS last_segment,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p24: Array(Int64)}, arrayEnumerate({p24: Array(Int64)}))) AS z
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
          arrayZip({p25: Array(Int64)}, {p26: Array(Int64)}, arrayEnumerate({p25: Array(Int64)}))
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
        arrayJoin(arrayZip({p27: Array(Int64)}, arrayEnumerate({p27: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment < c.last_segment
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
        arrayJoin(arrayZip({p27: Array(Int64)}, arrayEnumerate({p27: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(
      (
        CAST(f."quantity" AS Nullable(Decimal(76, 0))) * f."unit_price"
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(CAST(f."quantity" AS Nullable(Decimal(76, 0))) * f."unit_price") AS Int64) AS s2
  FROM "facts"."order_line" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."booked_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."booked_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(*) AS Int64) AS s3,
    SUM(f."weight" * CAST(1 AS Decimal(76, 0))) AS s4,
    SUM((
      f."weight" * f."distance"
    ) * CAST(1 AS Decimal(76, 0))) AS s5,
    CAST(COUNT(*) FILTER(WHERE
      f."cancelled") AS Int64) AS s6,
    CAST(COUNT(f."weight") AS Int64) AS s7,
    CAST(COUNT(f."weight" * f."distance") AS Int64) AS s8
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_2 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(
      (
        CAST((
          toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))))
        ) AS Nullable(Float64)) / CAST(3600000000 AS Nullable(Float64))
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s9,
    CAST(COUNT(
      CAST((
        toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))))
      ) AS Nullable(Float64)) / CAST(3600000000 AS Nullable(Float64))
    ) AS Int64) AS s10,
    CAST(COUNT(*) AS Int64) AS s11,
    CAST(COUNT(f."delivered_at") AS Int64) AS s12
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."delivered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."delivered_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_3 AS (
  SELECT
    CASE
      WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) < {p8: Int64}
      THEN 0
      ELSE intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) - {p8: Int64}
        ),
        {p9: Int64}
      ) + 1
    END * 5 + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p4: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p5: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p6: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p7: Int64}
        THEN 1
        ELSE 0
      END
    END AS cell,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS a0,
    CAST(COUNT(*) AS Int64) AS a1,
    CAST(COUNT(*) AS Int64) AS a2,
    CAST(COUNT(f."amount") AS Int64) AS a3
  FROM "facts"."movement" AS f
  WHERE
    f."client_id" = {p1: String} AND f."moved_at" < {p10: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_3_0 AS (
  SELECT
    e.period AS period,
    SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS s13,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s14,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s15,
    CAST(SUM(s.a3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s16
  FROM scan_3 AS s
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN intDiv(s.cell, 5) < 1
      THEN 0
      WHEN intDiv(s.cell, 5) > length({p11: Array(Int64)})
      THEN {p12: Int64}
      ELSE arrayElement({p11: Array(Int64)}, intDiv(s.cell, 5))
    END + s.cell % 5
  GROUP BY
    1
), scan_3_1 AS (
  SELECT
    e.period AS period,
    SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS s17,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s18,
    CAST(SUM(s.a3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s19
  FROM scan_3 AS s
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN intDiv(s.cell, 5) < 1
      THEN 0
      WHEN intDiv(s.cell, 5) > length({p11: Array(Int64)})
      THEN {p12: Int64}
      ELSE arrayElement({p11: Array(Int64)}, intDiv(s.cell, 5))
    END + s.cell % 5
  GROUP BY
    1
), scan_4 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS s20,
    CAST(COUNT(*) AS Int64) AS s21,
    CAST(COUNT(f."amount") AS Int64) AS s22
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."sold_on" >= {p13: Date32}
    AND f."sold_on" < {p14: Date32}
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
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s4
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2,
    COALESCE(scan_1.s7, 0) AS n2,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s5
    END AS t3,
    COALESCE(scan_1.s3, 0) AS r3,
    COALESCE(scan_1.s8, 0) AS n3,
    CAST(scan_2.s9 AS Nullable(Float64)) / nullIf(CAST(scan_2.s10 AS Nullable(Float64)), 0) AS t4,
    COALESCE(scan_2.s11, 0) AS r4,
    COALESCE(scan_2.s12, 0) AS n4,
    CASE
      WHEN COALESCE(scan_1.s6, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s6
    END AS t5,
    COALESCE(scan_1.s6, 0) AS r5,
    CASE
      WHEN COALESCE(scan_3_0.s14, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_3_0.s13
    END AS t6,
    COALESCE(scan_3_0.s14, 0) AS r6,
    COALESCE(scan_3_0.s15, 0) AS p6,
    COALESCE(scan_3_0.s16, 0) AS n6,
    CASE
      WHEN COALESCE(scan_3_1.s18, 0) = 0
      THEN CASE WHEN spine.covered_3 THEN 0 END
      ELSE scan_3_1.s17
    END AS t7,
    COALESCE(scan_3_1.s18, 0) AS r7,
    COALESCE(scan_3_1.s19, 0) AS n7,
    CASE
      WHEN COALESCE(scan_4.s21, 0) = 0
      THEN CASE WHEN spine.covered_4 THEN 0 END
      ELSE scan_4.s20
    END AS t8,
    COALESCE(scan_4.s21, 0) AS r8,
    COALESCE(scan_4.s22, 0) AS n8,
    spine.days_0 AS days_0
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS covered_2,
      tupleElement(z.z, 4) AS covered_3,
      tupleElement(z.z, 5) AS covered_4,
      tupleElement(z.z, 6) AS days_0,
      tupleElement(z.z, 7) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p15: Array(Bool)},
            {p16: Array(Bool)},
            {p17: Array(Bool)},
            {p18: Array(Bool)},
            {p19: Array(Bool)},
            {p20: Array(Int64)},
            arrayEnumerate({p15: Array(Bool)})
          )
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
  LEFT JOIN scan_3_0
    ON scan_3_0.period = spine.period
  LEFT JOIN scan_3_1
    ON scan_3_1.period = spine.period
  LEFT JOIN scan_4
    ON scan_4.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  CAST(t0 AS Nullable(Float64)) / nullIf(CAST(t1 AS Nullable(Float64)), 0) AS k1,
  CAST(t2 AS Nullable(Float64)) / nullIf(CAST(t1 AS Nullable(Float64)), 0) AS k2,
  t3 AS k3,
  CAST(t4 AS Nullable(Float64)) / CAST(24 AS Nullable(Float64)) AS k4,
  CAST(t5 AS Nullable(Float64)) / nullIf(CAST(t1 AS Nullable(Float64)), 0) AS k5,
  (
    CAST(t6 AS Nullable(Float64)) / nullIf(CAST(t7 AS Nullable(Float64)), 0)
  ) * days_0 AS k6,
  CAST(t8 AS Nullable(Float64)) / nullIf(CAST({p21: Int64} AS Nullable(Float64)), 0) AS k7,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4,
  n4,
  t5 AS v5,
  r5,
  t6 AS v6,
  r6,
  n6,
  t7 AS v7,
  r7,
  n7,
  t8 AS v8,
  r8,
  n8
FROM terms
ORDER BY
  period ASC
LIMIT {p22: Int64}
OFFSET {p23: Int64}

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
          arrayZip({p22: Array(Int64)}, {p23: Array(Int64)}, arrayEnumerate({p22: Array(Int64)}))
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
          arrayZip({p24: Array(Int64)}, {p25: Array(Int64)}, arrayEnumerate({p24: Array(Int64)}))
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
          arrayZip({p26: Array(Int64)}, {p27: Array(Int64)}, arrayEnumerate({p26: Array(Int64)}))
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
        arrayJoin(arrayZip({p28: Array(Int64)}, arrayEnumerate({p28: Array(Int64)}))) AS z
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
        arrayJoin(arrayZip({p28: Array(Int64)}, arrayEnumerate({p28: Array(Int64)}))) AS z
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
        arrayJoin(arrayZip({p29: Array(Int64)}, arrayEnumerate({p29: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p5: Int64}
      THEN 0
      ELSE intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p5: Int64}
        ),
        {p6: Int64}
      ) + 1
    END * 5 + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p1: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p1: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p4: Int64}
        THEN 1
        ELSE 0
      END
    END AS cell,
    MAX(f."weight") AS a0,
    SUM(f."weight" * CAST(1 AS Decimal(76, 0))) AS a1,
    CAST(COUNT(f."weight") AS Int64) AS a2,
    CAST(COUNT(*) AS Int64) AS a3
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p7: String}
    AND f."ordered_at" >= {p8: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p9: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period AS period,
    MAX(s.a0) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Float64)) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2,
    CAST(SUM(s.a3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN intDiv(s.cell, 5) < 1
      THEN 0
      WHEN intDiv(s.cell, 5) > length({p10: Array(Int64)})
      THEN {p11: Int64}
      ELSE arrayElement({p10: Array(Int64)}, intDiv(s.cell, 5))
    END + s.cell % 5
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period AS period,
    CAST(SUM(s.a3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s4
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN intDiv(s.cell, 5) < 1
      THEN 0
      WHEN intDiv(s.cell, 5) > length({p10: Array(Int64)})
      THEN {p11: Int64}
      ELSE arrayElement({p10: Array(Int64)}, intDiv(s.cell, 5))
    END + s.cell % 5
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period AS period,
    quantileExactInclusive(0.5)(CAST(f."weight" AS Nullable(Float64))) AS s5,
    CAST(COUNT(*) AS Int64) AS s6,
    CAST(COUNT(f."weight") AS Int64) AS s7
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p14: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p14: Int64}
          ),
          {p15: Int64}
        ) + 1
      ) > length({p16: Array(Int64)})
      THEN {p17: Int64}
      ELSE arrayElement(
        {p16: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p14: Int64}
          ),
          {p15: Int64}
        ) + 1
      )
    END + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p12: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p12: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p13: Int64}
        THEN 1
        ELSE 0
      END
    END
  WHERE
    f."client_id" = {p7: String}
  GROUP BY
    1
), scan_2_rows AS (
  SELECT
    e.period AS period,
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        (
          f."weight"
        ) IS NULL
      ) THEN 1 ELSE 0 END DESC, f."ordered_at" DESC, f."order_id" DESC
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p14: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p14: Int64}
          ),
          {p15: Int64}
        ) + 1
      ) > length({p16: Array(Int64)})
      THEN {p17: Int64}
      ELSE arrayElement(
        {p16: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p14: Int64}
          ),
          {p15: Int64}
        ) + 1
      )
    END + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p12: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p12: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p13: Int64}
        THEN 1
        ELSE 0
      END
    END
  WHERE
    f."client_id" = {p7: String}
), scan_2 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s8,
    CAST(COUNT(*) FILTER(WHERE
      there = 1) AS Int64) AS s9
  FROM scan_2_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    scan_0_0.s0 AS t0,
    COALESCE(scan_0_0.s3, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS n0,
    CAST(scan_0_0.s1 AS Nullable(Float64)) / nullIf(CAST(scan_0_0.s2 AS Nullable(Float64)), 0) AS t1,
    COALESCE(scan_0_0.s3, 0) AS r1,
    COALESCE(scan_0_0.s2, 0) AS n1,
    scan_1.s5 AS t2,
    COALESCE(scan_1.s6, 0) AS r2,
    COALESCE(scan_1.s7, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0_1.s4, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s4
    END AS t3,
    COALESCE(scan_0_1.s4, 0) AS r3,
    scan_2.s8 AS t4,
    COALESCE(scan_2.s9, 0) AS r4
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p18: Array(Bool)}, {p19: Array(Bool)}, arrayEnumerate({p18: Array(Bool)}))
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
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
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  t4 AS v4,
  r4
FROM terms
ORDER BY
  period ASC
LIMIT {p20: Int64}
OFFSET {p21: Int64}

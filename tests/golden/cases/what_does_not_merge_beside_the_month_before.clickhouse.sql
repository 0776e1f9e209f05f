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
          arrayZip({p24: Array(Int64)}, {p25: Array(Int64)}, arrayEnumerate({p24: Array(Int64)}))
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
          arrayZip({p26: Array(Int64)}, {p27: Array(Int64)}, arrayEnumerate({p26: Array(Int64)}))
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
          arrayZip({p28: Array(Int64)}, {p29: Array(Int64)}, arrayEnumerate({p28: Array(Int64)}))
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
        arrayJoin(arrayZip({p30: Array(Int64)}, arrayEnumerate({p30: Array(Int64)}))) AS z
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
        arrayJoin(arrayZip({p30: Array(Int64)}, arrayEnumerate({p30: Array(Int64)}))) AS z
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
        arrayJoin(arrayZip({p30: Array(Int64)}, arrayEnumerate({p30: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p7: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p7: Int64}
          ),
          {p8: Int64}
        ) + 1
      ) > length({p9: Array(Int64)})
      THEN {p10: Int64}
      ELSE arrayElement(
        {p9: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p7: Int64}
          ),
          {p8: Int64}
        ) + 1
      )
    END + CASE
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
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p5: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p6: Int64}
        THEN 1
        ELSE 0
      END
    END AS segment,
    CAST(COUNT(*) AS Int64) AS a0,
    CAST(COUNT(f."distance") AS Int64) AS a1,
    CAST(COUNT(f."customer_id") AS Int64) AS a2,
    quantileExactInclusive(0.5)(CAST(f."distance" AS Nullable(Float64))) AS a3,
    CAST(COUNT(DISTINCT f."customer_id") AS Int64) AS a4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p11: String}
    AND f."ordered_at" >= {p12: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p13: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period AS period,
    CAST(SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_1 AS (
  SELECT
    e.period AS period,
    CAST(SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_2 AS (
  SELECT
    e.period AS period,
    CAST(SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s4
  FROM scan_0 AS s
  JOIN pairs_2 AS e
    ON e.segment = s.segment
  GROUP BY
    1
), scan_0_split AS (
  SELECT
    arrayElement(
      {p14: Array(Int64)},
      intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p15: Int64}
        ),
        {p16: Int64}
      ) + 1
    ) AS period,
    quantileExactInclusive(0.5)(CAST(f."distance" AS Nullable(Float64))) AS s5,
    CAST(COUNT(DISTINCT f."customer_id") AS Int64) AS s6
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p11: String}
    AND f."ordered_at" >= {p17: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p18: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_0_whole AS (
  SELECT
    e.period AS period,
    s.a3 AS s5,
    s.a4 AS s6
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON e.first_segment = s.segment AND e.last_segment = e.first_segment + 1
  UNION ALL
  SELECT
    e.period AS period,
    s.s5 AS s5,
    s.s6 AS s6
  FROM scan_0_split AS s
  JOIN cut_0 AS e
    ON e.period = s.period AND e.last_segment > e.first_segment + 1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s3
    END AS t1,
    COALESCE(scan_0_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0_2.s4, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_0_2.s4
    END AS t2,
    COALESCE(scan_0_2.s4, 0) AS r2,
    scan_0_whole.s5 AS t3,
    COALESCE(scan_0_0.s0, 0) AS r3,
    COALESCE(scan_0_0.s1, 0) AS n3,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0_whole.s6, 0)
    END AS t4,
    COALESCE(scan_0_0.s0, 0) AS r4,
    COALESCE(scan_0_0.s2, 0) AS n4
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
            {p19: Array(Bool)},
            {p20: Array(Bool)},
            {p21: Array(Bool)},
            arrayEnumerate({p19: Array(Bool)})
          )
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_whole
    ON scan_0_whole.period = spine.period
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
  t3 AS k3,
  t4 AS k4,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  n3,
  t4 AS v4,
  r4,
  n4
FROM terms
ORDER BY
  period ASC
LIMIT {p22: Int64}
OFFSET {p23: Int64}

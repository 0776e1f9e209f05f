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
          arrayZip({p21: Array(Int64)}, {p22: Array(Int64)}, arrayEnumerate({p21: Array(Int64)}))
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
          arrayZip({p23: Array(Int64)}, {p24: Array(Int64)}, arrayEnumerate({p23: Array(Int64)}))
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
        arrayJoin(arrayZip({p25: Array(Int64)}, arrayEnumerate({p25: Array(Int64)}))) AS z
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
        arrayJoin(arrayZip({p25: Array(Int64)}, arrayEnumerate({p25: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p5: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p5: Int64}
          ),
          {p6: Int64}
        ) + 1
      ) > length({p7: Array(Int64)})
      THEN {p8: Int64}
      ELSE arrayElement(
        {p7: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p5: Int64}
          ),
          {p6: Int64}
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
      END
    END AS segment,
    CAST(f."cancelled" AS Nullable(Bool)) AS d0,
    CAST(COUNT(*) AS Int64) AS a0,
    CAST(COUNT(f."distance") AS Int64) AS a1,
    CAST(COUNT(f."customer_id") AS Int64) AS a2,
    quantileExactInclusive(0.5)(CAST(f."distance" AS Nullable(Float64))) AS a3,
    CAST(COUNT(DISTINCT f."customer_id") AS Int64) AS a4
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p9: String}
    AND f."ordered_at" >= {p10: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p11: DateTime64(6, 'UTC')}
  GROUP BY
    1,
    2
), scan_0_0 AS (
  SELECT
    e.period AS period,
    s.d0 AS d0,
    CAST(SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = s.segment
  GROUP BY
    1,
    2
), scan_0_1 AS (
  SELECT
    e.period AS period,
    s.d0 AS d0,
    CAST(SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = s.segment
  GROUP BY
    1,
    2
), scan_0_split AS (
  SELECT
    arrayElement(
      {p12: Array(Int64)},
      intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p13: Int64}
        ),
        {p14: Int64}
      ) + 1
    ) AS period,
    CAST(f."cancelled" AS Nullable(Bool)) AS d0,
    quantileExactInclusive(0.5)(CAST(f."distance" AS Nullable(Float64))) AS s4,
    CAST(COUNT(DISTINCT f."customer_id") AS Int64) AS s5
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p9: String}
    AND f."ordered_at" >= {p15: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p16: DateTime64(6, 'UTC')}
  GROUP BY
    1,
    2
), scan_0_whole AS (
  SELECT
    e.period AS period,
    s.d0 AS d0,
    s.a3 AS s4,
    s.a4 AS s5
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON e.first_segment = s.segment AND e.last_segment = e.first_segment + 1
  UNION ALL
  SELECT
    e.period AS period,
    s.d0 AS d0,
    s.s4 AS s4,
    s.s5 AS s5
  FROM scan_0_split AS s
  JOIN cut_0 AS e
    ON e.period = s.period AND e.last_segment > e.first_segment + 1
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0,
    s1,
    s2,
    NULL AS s4,
    NULL AS s5,
    NULL AS s3
  FROM scan_0_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    NULL AS s0,
    NULL AS s1,
    NULL AS s2,
    s4,
    s5,
    NULL AS s3
  FROM scan_0_whole
  UNION ALL
  SELECT
    period,
    d0,
    2 AS piece,
    NULL AS s0,
    NULL AS s1,
    NULL AS s2,
    NULL AS s4,
    NULL AS s5,
    s3
  FROM scan_0_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(s0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(s1) FILTER(WHERE
      piece = 0) AS s1,
    MAX(s2) FILTER(WHERE
      piece = 0) AS s2,
    MAX(s4) FILTER(WHERE
      piece = 1) AS s4,
    MAX(s5) FILTER(WHERE
      piece = 1) AS s5,
    MAX(s3) FILTER(WHERE
      piece = 2) AS s3
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period AS period,
    merged.d0 AS d0,
    CASE
      WHEN COALESCE(merged.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s0, 0) AS r0,
    CASE
      WHEN COALESCE(merged.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s3
    END AS t1,
    COALESCE(merged.s3, 0) AS r1,
    merged.s4 AS t2,
    COALESCE(merged.s0, 0) AS r2,
    COALESCE(merged.s1, 0) AS n2,
    CASE
      WHEN COALESCE(merged.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(merged.s5, 0)
    END AS t3,
    COALESCE(merged.s0, 0) AS r3,
    COALESCE(merged.s2, 0) AS n3
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p17: Array(Bool)}, {p18: Array(Bool)}, arrayEnumerate({p17: Array(Bool)}))
        ) AS z
    ) AS z
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0 OR r2 > 0 OR r3 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p19: Int64}
OFFSET {p20: Int64}

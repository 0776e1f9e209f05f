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
        arrayJoin(arrayZip({p15: Array(Int64)}, arrayEnumerate({p15: Array(Int64)}))) AS z
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
          arrayZip({p16: Array(Int64)}, {p17: Array(Int64)}, arrayEnumerate({p16: Array(Int64)}))
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
        arrayJoin(arrayZip({p18: Array(Int64)}, arrayEnumerate({p18: Array(Int64)}))) AS z
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
        arrayJoin(arrayZip({p18: Array(Int64)}, arrayEnumerate({p18: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) < {p5: Int64}
      THEN 0
      ELSE intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) - {p5: Int64}
        ),
        {p6: Int64}
      ) + 1
    END * 5 + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) < {p1: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p1: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."moved_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p4: Int64}
        THEN 1
        ELSE 0
      END
    END AS cell,
    f."account" AS d0,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS a0,
    CAST(COUNT(*) AS Int64) AS a1,
    CAST(COUNT(*) AS Int64) AS a2,
    CAST(COUNT(f."amount") AS Int64) AS a3
  FROM "facts"."movement" AS f
  WHERE
    f."client_id" = {p7: String} AND f."moved_at" < {p8: DateTime64(6, 'UTC')}
  GROUP BY
    1,
    2
), scan_0_0 AS (
  SELECT
    e.period AS period,
    s.d0 AS d0,
    SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2,
    CAST(SUM(s.a3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_0 AS s
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN intDiv(s.cell, 5) < 1
      THEN 0
      WHEN intDiv(s.cell, 5) > length({p9: Array(Int64)})
      THEN {p10: Int64}
      ELSE arrayElement({p9: Array(Int64)}, intDiv(s.cell, 5))
    END + s.cell % 5
  GROUP BY
    1,
    2
), scan_0_1 AS (
  SELECT
    e.period AS period,
    s.d0 AS d0,
    SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS s4,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s5,
    CAST(SUM(s.a3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s6
  FROM scan_0 AS s
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN intDiv(s.cell, 5) < 1
      THEN 0
      WHEN intDiv(s.cell, 5) > length({p9: Array(Int64)})
      THEN {p10: Int64}
      ELSE arrayElement({p9: Array(Int64)}, intDiv(s.cell, 5))
    END + s.cell % 5
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0,
    s1,
    s2,
    s3,
    NULL AS s4,
    NULL AS s5,
    NULL AS s6
  FROM scan_0_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    NULL AS s0,
    NULL AS s1,
    NULL AS s2,
    NULL AS s3,
    s4,
    s5,
    s6
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
    MAX(s3) FILTER(WHERE
      piece = 0) AS s3,
    MAX(s4) FILTER(WHERE
      piece = 1) AS s4,
    MAX(s5) FILTER(WHERE
      piece = 1) AS s5,
    MAX(s6) FILTER(WHERE
      piece = 1) AS s6
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period AS period,
    merged.d0 AS d0,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s1, 0) AS r0,
    COALESCE(merged.s2, 0) AS p0,
    COALESCE(merged.s3, 0) AS n0,
    CASE
      WHEN COALESCE(merged.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s4
    END AS t1,
    COALESCE(merged.s5, 0) AS r1,
    COALESCE(merged.s6, 0) AS n1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p11: Array(Bool)}, {p12: Array(Bool)}, arrayEnumerate({p11: Array(Bool)}))
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
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1
FROM terms
WHERE
  (
    p0 > 0 OR r1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p13: Int64}
OFFSET {p14: Int64}

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
        arrayJoin(arrayZip({p20: Array(Int64)}, arrayEnumerate({p20: Array(Int64)}))) AS z
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
          arrayZip({p21: Array(Int64)}, {p22: Array(Int64)}, arrayEnumerate({p21: Array(Int64)}))
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
        arrayJoin(arrayZip({p23: Array(Int64)}, arrayEnumerate({p23: Array(Int64)}))) AS z
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
        arrayJoin(arrayZip({p23: Array(Int64)}, arrayEnumerate({p23: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p5: Int64}
      THEN 0
      ELSE intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p5: Int64}
        ),
        {p6: Int64}
      ) + 1
    END * 5 + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p1: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p1: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p4: Int64}
        THEN 1
        ELSE 0
      END
    END AS cell,
    CAST(COUNT(*) AS Int64) AS a0,
    CAST(COUNT(*) AS Int64) AS a1
  FROM "facts"."subscription" AS f
  WHERE
    f."client_id" = {p7: String} AND f."ended_at" < {p8: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_0_0 AS (
  SELECT
    e.period AS period,
    CAST(SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s0,
    CAST(SUM(s.a1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1
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
    1
), scan_0_1 AS (
  SELECT
    e.period AS period,
    CAST(SUM(s.a0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
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
    1
), scan_1_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p11: Int64}
      ),
      {p12: Int64}
    ) + 1 AS cell,
    CAST(COUNT(*) AS Int64) AS s3
  FROM "facts"."subscription" AS f
  WHERE
    f."client_id" = {p7: String}
    AND f."started_at" >= {p13: DateTime64(6, 'UTC')}
    AND f."started_at" < {p14: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_1 AS (
  SELECT
    arrayElement({p15: Array(Int64)}, cell) AS period,
    CAST(SUM(s3 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_1_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s0, 0) AS r0,
    COALESCE(scan_0_0.s1, 0) AS p0,
    CASE
      WHEN COALESCE(scan_0_1.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_0_1.s2
    END AS t1,
    COALESCE(scan_0_1.s2, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p16: Array(Bool)}, {p17: Array(Bool)}, arrayEnumerate({p16: Array(Bool)}))
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_0_1
    ON scan_0_1.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC
LIMIT {p18: Int64}
OFFSET {p19: Int64}

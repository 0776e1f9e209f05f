WITH spans_0 AS (
  SELECT
    r.period AS period,
    r.starts_on AS starts_on,
    r.ends_on AS ends_on
  FROM (
    SELECT
      tupleElement(z.z, 1) AS starts_on,
      tupleElement(z.z, 2) AS ends_on,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p7: Array(Nullable(Date32))},
            {p8: Array(Nullable(Date32))},
            arrayEnumerate({p7: Array(Nullable(Date32))})
          )
        ) AS z
    ) AS z
  ) AS r
), spans_1 AS (
  SELECT
    r.period AS period,
    r.starts_on AS starts_on,
    r.ends_on AS ends_on
  FROM (
    SELECT
      tupleElement(z.z, 1) AS starts_on,
      tupleElement(z.z, 2) AS ends_on,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p9: Array(Nullable(Date32))},
            {p10: Array(Nullable(Date32))},
            arrayEnumerate({p9: Array(Nullable(Date32))})
          )
        ) AS z
    ) AS z
  ) AS r
), spans_2 AS (
  SELECT
    r.period AS period,
    r.starts_on AS starts_on,
    r.ends_on AS ends_on
  FROM (
    SELECT
      tupleElement(z.z, 1) AS starts_on,
      tupleElement(z.z, 2) AS ends_on,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p11: Array(Nullable(Date32))},
            {p12: Array(Nullable(Date32))},
            arrayEnumerate({p11: Array(Nullable(Date32))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    p.period AS period,
    SUM(
      (
        CAST(f."amount" * CAST(1 AS Decimal(76, 0)) * dateDiff('day', GREATEST(f."starts_on", p.starts_on), LEAST(f."ends_on", p.ends_on)) AS Nullable(Float64)) / nullIf(CAST(dateDiff('day', f."starts_on", f."ends_on") AS Nullable(Float64)), 0)
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    CAST(COUNT(*) AS Int64) AS s1
  FROM "facts"."quota" AS f
  JOIN spans_0 AS p
    ON f."starts_on" < p.ends_on
    AND (
      f."ends_on" IS NULL OR f."ends_on" > p.starts_on AND f."ends_on" > f."starts_on"
    )
  WHERE
    f."client_id" = {p1: String}
  GROUP BY
    1
), scan_1 AS (
  SELECT
    p.period AS period,
    SUM(
      (
        CAST(f."amount" * CAST(1 AS Decimal(76, 0)) * dateDiff('day', GREATEST(f."starts_on", p.starts_on), LEAST(f."ends_on", p.ends_on)) AS Nullable(Float64)) / nullIf(CAST(dateDiff('day', f."starts_on", f."ends_on") AS Nullable(Float64)), 0)
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s2,
    CAST(COUNT(*) AS Int64) AS s3
  FROM "facts"."quota" AS f
  JOIN spans_1 AS p
    ON f."starts_on" < p.ends_on
    AND (
      f."ends_on" IS NULL OR f."ends_on" > p.starts_on AND f."ends_on" > f."starts_on"
    )
  WHERE
    f."client_id" = {p1: String}
  GROUP BY
    1
), scan_2 AS (
  SELECT
    p.period AS period,
    SUM(
      (
        CAST(f."amount" * CAST(1 AS Decimal(76, 0)) * dateDiff('day', GREATEST(f."starts_on", p.starts_on), LEAST(f."ends_on", p.ends_on)) AS Nullable(Float64)) / nullIf(CAST(dateDiff('day', f."starts_on", f."ends_on") AS Nullable(Float64)), 0)
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s4,
    CAST(COUNT(*) AS Int64) AS s5
  FROM "facts"."quota" AS f
  JOIN spans_2 AS p
    ON f."starts_on" < p.ends_on
    AND (
      f."ends_on" IS NULL OR f."ends_on" > p.starts_on AND f."ends_on" > f."starts_on"
    )
  WHERE
    f."client_id" = {p1: String}
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
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s2
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_2.s5, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_2.s4
    END AS t2,
    COALESCE(scan_2.s5, 0) AS r2
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
            {p2: Array(Bool)},
            {p3: Array(Bool)},
            {p4: Array(Bool)},
            arrayEnumerate({p2: Array(Bool)})
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
LIMIT {p5: Int64}
OFFSET {p6: Int64}

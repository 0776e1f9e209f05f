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
            {p5: Array(Nullable(Date32))},
            {p6: Array(Nullable(Date32))},
            arrayEnumerate({p5: Array(Nullable(Date32))})
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
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p2: Array(Bool)}, arrayEnumerate({p2: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
ORDER BY
  period ASC
LIMIT {p3: Int64}
OFFSET {p4: Int64}

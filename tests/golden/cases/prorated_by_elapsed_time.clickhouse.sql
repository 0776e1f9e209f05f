WITH spans_0 AS (
  SELECT
    r.period AS period,
    r.starts_at AS starts_at,
    r.ends_at AS ends_at
  FROM (
    SELECT
      tupleElement(z.z, 1) AS starts_at,
      tupleElement(z.z, 2) AS ends_at,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p6: Array(Nullable(DateTime64(6, 'UTC')))},
            {p7: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p6: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    p.period AS period,
    SUM(
      (
        CAST(f."fee" * CAST(1 AS Decimal(76, 0)) * (
          toUnixTimestamp64Micro(CAST(LEAST(f."ended_at", p.ends_at) AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(GREATEST(f."started_at", p.starts_at) AS Nullable(DateTime64(6, 'UTC'))))
        ) AS Nullable(Float64)) / nullIf(
          CAST((
            toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC'))))
          ) AS Nullable(Float64)),
          0
        )
      ) * CAST(1 AS Decimal(76, 0))
    ) AS s0,
    CAST(COUNT(*) AS Int64) AS s1
  FROM "facts"."subscription" AS f
  JOIN spans_0 AS p
    ON f."started_at" < p.ends_at
    AND (
      f."ended_at" IS NULL
      OR f."ended_at" > p.starts_at
      AND f."ended_at" > f."started_at"
    )
  WHERE
    f."client_id" = {p1: String} AND f."customer_id" = {p2: String}
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
        arrayJoin(arrayZip({p3: Array(Bool)}, arrayEnumerate({p3: Array(Bool)}))) AS z
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
LIMIT {p4: Int64}
OFFSET {p5: Int64}

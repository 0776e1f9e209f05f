WITH spans_0 AS (
  SELECT
    r.period AS period,
    r.starts_at AS starts_at,
    r.ends_at_held AS ends_at_held
  FROM (
    SELECT
      tupleElement(z.z, 1) AS starts_at,
      tupleElement(z.z, 2) AS ends_at_held,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p5: Array(Nullable(DateTime64(6, 'UTC')))},
            {p6: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p5: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    p.period AS period,
    SUM(
      CAST(f."level" AS Nullable(Float64)) * CAST((
        toUnixTimestamp64Micro(
          CAST(LEAST(COALESCE(f.ae_next, p.ends_at_held), p.ends_at_held) AS Nullable(DateTime64(6, 'UTC')))
        ) - toUnixTimestamp64Micro(CAST(GREATEST(f.ae_since, p.starts_at) AS Nullable(DateTime64(6, 'UTC'))))
      ) AS Nullable(Float64))
    ) AS s0,
    SUM(
      CAST((
        toUnixTimestamp64Micro(
          CAST(LEAST(COALESCE(f.ae_next, p.ends_at_held), p.ends_at_held) AS Nullable(DateTime64(6, 'UTC')))
        ) - toUnixTimestamp64Micro(CAST(GREATEST(f.ae_since, p.starts_at) AS Nullable(DateTime64(6, 'UTC'))))
      ) AS Nullable(Float64))
    ) FILTER(WHERE
      NOT (
        f."level" IS NULL
      )) AS s1,
    CAST(COUNT(*) AS Int64) AS s2
  FROM (
    SELECT
      f.*,
      f."read_at" AS ae_since,
      LEAD(toNullable(f."read_at")) OVER (PARTITION BY f."tank_id" ORDER BY f."read_at", f."tank_id", f."read_at") AS ae_next
    FROM "facts"."tank" AS f
    WHERE
      f."client_id" = {p1: String}
  ) AS f
  JOIN spans_0 AS p
    ON f.ae_since < p.ends_at_held
    AND (
      f.ae_next IS NULL OR f.ae_next > p.starts_at AND f.ae_next > f.ae_since
    )
    AND p.starts_at < p.ends_at_held
  WHERE
    f."client_id" = {p1: String}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CAST(scan_0.s0 AS Nullable(Float64)) / nullIf(CAST(scan_0.s1 AS Nullable(Float64)), 0) AS t0,
    COALESCE(scan_0.s2, 0) AS r0
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

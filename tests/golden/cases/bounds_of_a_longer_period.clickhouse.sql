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
          arrayZip({p9: Array(Int64)}, {p10: Array(Int64)}, arrayEnumerate({p9: Array(Int64)}))
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
        arrayJoin(arrayZip({p11: Array(Int64)}, arrayEnumerate({p11: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), spans_0 AS (
  SELECT
    r.period AS period,
    r.ends_at AS ends_at
  FROM (
    SELECT
      tupleElement(z.z, 1) AS ends_at,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p12: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p12: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period AS period,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  JOIN spans_0 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = {p1: String} AND f."delivered_at" < p.ends_at
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p6: Array(Bool)}, arrayEnumerate({p6: Array(Bool)}))) AS z
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
LIMIT {p7: Int64}
OFFSET {p8: Int64}

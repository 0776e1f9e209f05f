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
          arrayZip({p10: Array(Int64)}, {p11: Array(Int64)}, arrayEnumerate({p10: Array(Int64)}))
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
        arrayJoin(arrayZip({p12: Array(Int64)}, arrayEnumerate({p12: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period AS period,
    j1."segment" AS d0,
    f."customer_id" AS value,
    CAST(COUNT(*) AS Int64) AS counted,
    CAST(COUNT(*) AS Int64) AS h0
  FROM "facts"."order" AS f
  LEFT JOIN "facts"."customer" AS j1
    ON j1."client_id" = f."client_id" AND j1."customer_id" = f."customer_id"
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
  WHERE
    f."client_id" = {p1: String}
  GROUP BY
    1,
    2,
    3
), scan_0 AS (
  SELECT
    period,
    d0,
    CAST(SUM(CASE WHEN NOT (
      value IS NULL
    ) AND (
      h0 >= {p6: Int64}
    ) THEN 1 ELSE 0 END) AS Nullable(Int64)) AS s0,
    CAST(SUM(counted) AS Nullable(Int64)) AS s1
  FROM scan_0_rows
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period AS period,
    scan_0.d0 AS d0,
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
        arrayJoin(arrayZip({p7: Array(Bool)}, arrayEnumerate({p7: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
), repeated_customer AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."customer" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      f."customer_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_customer
  ) AS repeated_customer
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

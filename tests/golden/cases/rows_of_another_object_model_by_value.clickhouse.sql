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
            {p12: Array(Nullable(DateTime64(6, 'UTC')))},
            {p13: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p12: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period AS period,
    CAST(COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 0) = 1) AS Int64) AS s0,
    CAST(COUNT(*) FILTER(WHERE
      COALESCE(c1.value, 0) = 1) AS Int64) AS s1
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
  LEFT JOIN (
    SELECT
      f."customer_id" AS k0,
      e.period AS k1,
      MAX(1) AS value
    FROM "facts"."subscription" AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = {p1: String}
      AND f."started_at" < p.starts_at
      AND (
        f."ended_at" IS NULL OR f."ended_at" >= p.starts_at
      )
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = f."customer_id" AND c0.k1 = e.period
  LEFT JOIN (
    SELECT
      f."customer_id" AS k0,
      e.period AS k1,
      MAX(1) AS value
    FROM "facts"."subscription" AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = {p1: String}
      AND f."started_at" < p.ends_at
      AND (
        f."ended_at" IS NULL OR f."ended_at" >= p.ends_at
      )
    GROUP BY
      1,
      2
  ) AS c1
    ON c1.k0 = j1."customer_id" AND c1.k1 = e.period
  WHERE
    f."client_id" = {p1: String}
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
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1
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
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_customer
  ) AS repeated_customer
FROM terms
ORDER BY
  period ASC
LIMIT {p7: Int64}
OFFSET {p8: Int64}

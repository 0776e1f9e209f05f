WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(f."weight" >= {p4: Int64} AS Nullable(Bool)) AS d0,
    CAST(COUNT(*) AS Int64) AS s0,
    CAST(COUNT(*) FILTER(WHERE
      (
        f."weight" >= {p4: Int64}
      ) AND (
        f."distance" > {p5: Int64}
      )) AS Int64) AS s1
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(j1."weight" >= {p4: Int64} AS Nullable(Bool)) AS d0,
    CAST(COUNT(*) AS Int64) AS s2
  FROM "facts"."order_line" AS f
  LEFT JOIN "facts"."order" AS j1
    ON j1."client_id" = f."client_id" AND j1."order_id" = f."order_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."booked_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."booked_at" < {p3: DateTime64(6, 'UTC')}
    AND j1."weight" >= {p4: Int64}
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
    NULL AS s2
  FROM scan_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    NULL AS s0,
    NULL AS s1,
    s2
  FROM scan_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(s0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(s1) FILTER(WHERE
      piece = 0) AS s1,
    MAX(s2) FILTER(WHERE
      piece = 1) AS s2
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
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE merged.s1
    END AS t1,
    COALESCE(merged.s1, 0) AS r1,
    CASE
      WHEN COALESCE(merged.s2, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s2
    END AS t2,
    COALESCE(merged.s2, 0) AS r2
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p6: Array(Bool)}, {p7: Array(Bool)}, arrayEnumerate({p6: Array(Bool)}))
        ) AS z
    ) AS z
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
), repeated_order AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      f."order_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_order
  ) AS repeated_order
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0 OR r2 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p3: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p4: DateTime64(6, 'UTC')}
    AND f."weight" >= {p2: Int64}
  GROUP BY
    1
), scan_1 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(*) AS Int64) AS s1
  FROM "facts"."order_line" AS f
  LEFT JOIN "facts"."order" AS j1
    ON j1."client_id" = f."client_id" AND j1."order_id" = f."order_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."booked_at" >= {p3: DateTime64(6, 'UTC')}
    AND f."booked_at" < {p4: DateTime64(6, 'UTC')}
    AND j1."weight" >= {p2: Int64}
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
      WHEN COALESCE(scan_1.s1, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p5: Array(Bool)}, {p6: Array(Bool)}, arrayEnumerate({p5: Array(Bool)}))
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
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
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_order
  ) AS repeated_order
FROM terms
ORDER BY
  period ASC
LIMIT {p7: Int64}
OFFSET {p8: Int64}

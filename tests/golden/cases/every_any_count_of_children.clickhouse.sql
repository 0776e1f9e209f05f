WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 1) = 1) AS Int64) AS s0,
    CAST(COUNT(*) FILTER(WHERE
      COALESCE(c1.value, 0) = 1) AS Int64) AS s1,
    CAST(COUNT(*) FILTER(WHERE
      COALESCE(c2.value, 0) = 1) AS Int64) AS s2,
    CAST(COUNT(*) FILTER(WHERE
      COALESCE(c3.value, 0) = {p5: Int64}) AS Int64) AS s3
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      MIN(CASE WHEN f."quantity" >= {p4: Int64} THEN 1 ELSE 0 END) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      MAX(CASE WHEN f."quantity" >= {p4: Int64} THEN 1 ELSE 0 END) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c1
    ON c1.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      MAX(1) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c2
    ON c2.k0 = f."order_id"
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      CAST(COUNT(*) AS Int64) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c3
    ON c3.k0 = f."order_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
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
    COALESCE(scan_0.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s2, 0) AS r2,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s3
    END AS t3,
    COALESCE(scan_0.s3, 0) AS r3
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
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3
FROM terms
ORDER BY
  period ASC
LIMIT {p7: Int64}
OFFSET {p8: Int64}

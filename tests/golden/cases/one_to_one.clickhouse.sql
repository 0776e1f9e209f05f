WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(j1."signed" AS Nullable(Bool)) AS d0,
    CAST(COUNT(*) AS Int64) AS s0,
    CAST(COUNT(*) FILTER(WHERE
      j1."signed") AS Int64) AS s1
  FROM "facts"."order" AS f
  LEFT JOIN "facts"."note" AS j1
    ON j1."client_id" = f."client_id" AND j1."order_id" = f."order_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period AS period,
    scan_0.d0 AS d0,
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
        arrayJoin(arrayZip({p4: Array(Bool)}, arrayEnumerate({p4: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
), repeated_note AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."note" AS f
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
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_note
  ) AS repeated_note
FROM terms
WHERE
  (
    r0 > 0 OR r1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p5: Int64}
OFFSET {p6: Int64}

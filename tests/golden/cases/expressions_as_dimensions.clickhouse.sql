WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    COALESCE(c0.value, 0) AS d0,
    CASE
      WHEN f."weight" >= {p4: Int64}
      THEN {p5: String}
      WHEN f."weight" IS NULL
      THEN {p6: String}
      ELSE {p7: String}
    END AS d1,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      f."order_id" AS k0,
      CAST(COUNT(*) AS Int64) AS value
    FROM "facts"."order_line" AS f
    WHERE
      f."client_id" = {p1: String}
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1,
    2,
    3
), terms AS (
  SELECT
    spine.period AS period,
    scan_0.d0 AS d0,
    scan_0.d1 AS d1,
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
        arrayJoin(arrayZip({p8: Array(Bool)}, arrayEnumerate({p8: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  d1,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC,
  d1 ASC
LIMIT {p9: Int64}
OFFSET {p10: Int64}

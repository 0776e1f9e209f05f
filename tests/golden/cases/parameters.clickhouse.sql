WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p3: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p4: DateTime64(6, 'UTC')}
    AND f."weight" >= {p2: Float64}
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
        arrayJoin(arrayZip({p5: Array(Bool)}, arrayEnumerate({p5: Array(Bool)}))) AS z
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
LIMIT {p6: Int64}
OFFSET {p7: Int64}

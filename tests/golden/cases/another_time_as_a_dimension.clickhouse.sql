WITH scan_0_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    toStartOfMonth(toDate32(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC'))), {p6: String})) AS d0,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."ordered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p5: DateTime64(6, 'UTC')}
  GROUP BY
    1,
    2
), scan_0 AS (
  SELECT
    arrayElement({p7: Array(Int64)}, cell) AS period,
    d0,
    CAST(SUM(s0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s0
  FROM scan_0_fine
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
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p9: Int64}
OFFSET {p10: Int64}

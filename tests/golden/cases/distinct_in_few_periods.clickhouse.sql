WITH scan_0_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    CAST(f."cancelled" AS Nullable(Bool)) AS d0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(f."customer_id") AS Int64) AS s2
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
    arrayElement({p6: Array(Int64)}, cell) AS period,
    d0,
    CAST(SUM(s1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM scan_0_fine
  GROUP BY
    1,
    2
), scan_0_whole AS (
  SELECT
    arrayElement(
      {p6: Array(Int64)},
      intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
        ),
        {p2: Int64}
      ) + 1
    ) AS period,
    CAST(f."cancelled" AS Nullable(Bool)) AS d0,
    CAST(COUNT(DISTINCT f."customer_id") AS Int64) AS s0
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p3: String}
    AND f."ordered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p5: DateTime64(6, 'UTC')}
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s1,
    s2,
    NULL AS s0
  FROM scan_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    NULL AS s1,
    NULL AS s2,
    s0
  FROM scan_0_whole
), merged AS (
  SELECT
    period,
    d0,
    MAX(s1) FILTER(WHERE
      piece = 0) AS s1,
    MAX(s2) FILTER(WHERE
      piece = 0) AS s2,
    MAX(s0) FILTER(WHERE
      piece = 1) AS s0
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period AS period,
    merged.d0 AS d0,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(merged.s0, 0)
    END AS t0,
    COALESCE(merged.s1, 0) AS r0,
    COALESCE(merged.s2, 0) AS n0
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p7: Array(Bool)}, arrayEnumerate({p7: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

WITH scan_0_fine AS (
  SELECT
    CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p3: Int64}
      THEN 0
      ELSE intDiv(
        (
          toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p3: Int64}
        ),
        {p4: Int64}
      ) + 1
    END * 3 + (
      CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p1: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
        THEN 1
        ELSE 0
      END
    ) AS cell,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p5: String}
    AND f."ordered_at" >= {p6: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p7: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_0 AS (
  SELECT
    CASE
      WHEN intDiv(cell, 3) < 1
      THEN 0
      WHEN intDiv(cell, 3) > length({p8: Array(Int64)})
      THEN {p9: Int64}
      ELSE arrayElement({p8: Array(Int64)}, intDiv(cell, 3))
    END + cell % 3 AS period,
    CAST(SUM(s0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s0
  FROM scan_0_fine
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
        arrayJoin(arrayZip({p10: Array(Bool)}, arrayEnumerate({p10: Array(Bool)}))) AS z
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
LIMIT {p11: Int64}
OFFSET {p12: Int64}

WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(f."amount") AS Int64) AS s2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."sold_on" >= {p2: Date32}
    AND f."sold_on" < {p3: Date32}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p4: Array(Bool)}, arrayEnumerate({p4: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
ORDER BY
  period ASC
LIMIT {p5: Int64}
OFFSET {p6: Int64};

WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(f."amount") AS Int64) AS s2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."sold_on" >= {p2: Date32}
    AND f."sold_on" < {p3: Date32}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p4: Array(Bool)}, arrayEnumerate({p4: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
ORDER BY
  period ASC
LIMIT {p5: Int64}
OFFSET {p6: Int64};

WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    SUM(f."amount" * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(COUNT(*) AS Int64) AS s1,
    CAST(COUNT(f."amount") AS Int64) AS s2
  FROM "facts"."sale" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."sold_on" >= {p2: Date32}
    AND f."sold_on" < {p3: Date32}
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p4: Array(Bool)}, arrayEnumerate({p4: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
ORDER BY
  period ASC
LIMIT {p5: Int64}
OFFSET {p6: Int64}

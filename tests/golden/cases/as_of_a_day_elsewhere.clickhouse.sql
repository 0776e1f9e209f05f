WITH scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    j1."tier" AS d0,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(toNullable(f."since")) OVER (PARTITION BY f."customer_id" ORDER BY f."since") AS ae_next
    FROM "facts"."customer_version" AS f
    WHERE
      f."client_id" = {p1: String}
  ) AS j1
    ON j1."client_id" = f."client_id"
    AND j1."customer_id" = f."customer_id"
    AND j1."since" <= toDate32(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String})
    AND (
      j1."until" IS NULL
      OR toDate32(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) < j1."until"
    )
    AND (
      j1.ae_next IS NULL
      OR toDate32(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), {p4: String}) < j1.ae_next
    )
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
LIMIT {p6: Int64}
OFFSET {p7: Int64}

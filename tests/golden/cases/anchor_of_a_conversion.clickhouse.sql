WITH scan_0_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      q."order_id" AS k0,
      MAX(1) AS value
    FROM "facts"."purchase" AS f
    JOIN "facts"."order" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND f."purchased_at" >= q."delivered_at"
      AND f."purchased_at" < addSeconds(CAST(q."delivered_at" AS Nullable(DateTime64(6, 'UTC'))), 691200)
    WHERE
      f."client_id" = {p3: String}
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  WHERE
    f."client_id" = {p3: String}
    AND f."delivered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."delivered_at" < {p5: DateTime64(6, 'UTC')}
    AND COALESCE(c0.value, 0) = 1
  GROUP BY
    1
), scan_0 AS (
  SELECT
    arrayElement({p6: Array(Int64)}, cell) AS period,
    CAST(SUM(s0 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s0
  FROM scan_0_fine
  GROUP BY
    1
), scan_1_fine AS (
  SELECT
    intDiv(
      (
        toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p1: Int64}
      ),
      {p2: Int64}
    ) + 1 AS cell,
    CAST(COUNT(*) AS Int64) AS s1
  FROM "facts"."order" AS f
  LEFT JOIN (
    SELECT
      q."order_id" AS k0,
      MAX(1) AS value
    FROM "facts"."purchase" AS f
    JOIN "facts"."order" AS q
      ON q."client_id" = f."client_id"
      AND q."customer_id" = f."customer_id"
      AND f."purchased_at" >= q."ordered_at"
      AND f."purchased_at" < addSeconds(CAST(q."ordered_at" AS Nullable(DateTime64(6, 'UTC'))), 691200)
    WHERE
      f."client_id" = {p3: String}
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."order_id"
  WHERE
    f."client_id" = {p3: String}
    AND f."ordered_at" >= {p4: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p5: DateTime64(6, 'UTC')}
    AND COALESCE(c0.value, 0) = 1
  GROUP BY
    1
), scan_1 AS (
  SELECT
    arrayElement({p6: Array(Int64)}, cell) AS period,
    CAST(SUM(s1 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1
  FROM scan_1_fine
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
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p7: Array(Bool)}, arrayEnumerate({p7: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC
LIMIT {p8: Int64}
OFFSET {p9: Int64}

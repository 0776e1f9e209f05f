WITH cut_0 AS (
  SELECT
    r.period AS period,
    r.first_segment AS first_segment,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS first_segment,
      tupleElement(z.z, 2) AS last_segment,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p14: Array(Int64)}, {p15: Array(Int64)}, arrayEnumerate({p14: Array(Int64)}))
        ) AS z
    ) AS z
  ) AS r
), pairs_0 AS (
  SELECT
    c.period AS period,
    s.segment AS segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS segment,
      tupleElement(z.z, 2) AS position
    FROM (
      SELECT
        arrayJoin(arrayZip({p16: Array(Int64)}, arrayEnumerate({p16: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period AS period,
    f."customer_id" AS value,
    CAST(COUNT(*) AS Int64) AS counted,
    CAST(COUNT(*) AS Int64) AS h0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
  GROUP BY
    1,
    2
), scan_0 AS (
  SELECT
    period,
    CAST(SUM(CASE WHEN NOT (
      value IS NULL
    ) AND (
      h0 >= {p6: Int64}
    ) THEN 1 ELSE 0 END) AS Nullable(Int64)) AS s0,
    CAST(SUM(counted) AS Nullable(Int64)) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period AS period,
    f."customer_id" AS value,
    CAST(COUNT(*) AS Int64) AS counted,
    SUM(f."weight" * CAST(1 AS Decimal(76, 0))) AS h0,
    CAST(COUNT(*) AS Int64) AS h1
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    period,
    CAST(SUM(
      CASE
        WHEN NOT (
          value IS NULL
        )
        AND (
          CASE WHEN h1 = 0 THEN 0 ELSE h0 END > {p7: Int64}
        )
        THEN 1
        ELSE 0
      END
    ) AS Nullable(Int64)) AS s2,
    CAST(SUM(counted) AS Nullable(Int64)) AS s3
  FROM scan_1_rows
  GROUP BY
    1
), scan_2_rows AS (
  SELECT
    e.period AS period,
    f."customer_id" AS value,
    CAST(COUNT(*) AS Int64) AS counted,
    CAST(COUNT(*) FILTER(WHERE
      f."weight" >= {p8: Int64}) AS Int64) AS h0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
  GROUP BY
    1,
    2
), scan_2 AS (
  SELECT
    period,
    CAST(SUM(CASE WHEN NOT (
      value IS NULL
    ) AND (
      h0 >= {p6: Int64}
    ) THEN 1 ELSE 0 END) AS Nullable(Int64)) AS s4,
    CAST(SUM(counted) AS Nullable(Int64)) AS s5
  FROM scan_2_rows
  GROUP BY
    1
), scan_3 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(DISTINCT f."customer_id") AS Int64) AS s6,
    CAST(COUNT(*) AS Int64) AS s7,
    CAST(COUNT(f."customer_id") AS Int64) AS s8
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p9: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p10: DateTime64(6, 'UTC')}
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
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s2
    END AS t1,
    COALESCE(scan_1.s3, 0) AS r1,
    CASE
      WHEN COALESCE(scan_2.s5, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_2.s4
    END AS t2,
    COALESCE(scan_2.s5, 0) AS r2,
    CASE
      WHEN COALESCE(scan_3.s7, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_3.s6, 0)
    END AS t3,
    COALESCE(scan_3.s7, 0) AS r3,
    COALESCE(scan_3.s8, 0) AS n3
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p11: Array(Bool)}, arrayEnumerate({p11: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
  LEFT JOIN scan_3
    ON scan_3.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  CAST(t0 AS Nullable(Float64)) / nullIf(CAST(t3 AS Nullable(Float64)), 0) AS k3,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3,
  n3
FROM terms
ORDER BY
  period ASC
LIMIT {p12: Int64}
OFFSET {p13: Int64}

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
          arrayZip({p17: Array(Int64)}, {p18: Array(Int64)}, arrayEnumerate({p17: Array(Int64)}))
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
        arrayJoin(arrayZip({p19: Array(Int64)}, arrayEnumerate({p19: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    CAST(1 AS Nullable(Int32)) AS period,
    CAST(COUNT(*) FILTER(WHERE
      (
        (
          f."customer_id" = {p4: String}
        )
        OR (
          f."promised_on" = {p5: Date32}
        )
        OR (
          f."ordered_at" >= {p6: DateTime64(6, 'UTC')}
        )
        OR (
          f."cancelled" = {p7: Bool}
        )
      )) AS Int64) AS s0,
    CAST(COUNT(*) AS Int64) AS s1
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = {p1: String}
    AND f."ordered_at" >= {p2: DateTime64(6, 'UTC')}
    AND f."ordered_at" < {p3: DateTime64(6, 'UTC')}
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period AS period,
    f."customer_id" AS value,
    CAST(COUNT(*) AS Int64) AS counted,
    CAST(COUNT(*) AS Int64) AS h0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p8: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p8: Int64}
          ),
          {p9: Int64}
        ) + 1
      ) > length({p10: Array(Int64)})
      THEN {p11: Int64}
      ELSE arrayElement(
        {p10: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p8: Int64}
          ),
          {p9: Int64}
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
    CAST(SUM(CASE WHEN NOT (
      value IS NULL
    ) AND (
      h0 >= {p12: Int64}
    ) THEN 1 ELSE 0 END) AS Nullable(Int64)) AS s2,
    CAST(SUM(counted) AS Nullable(Int64)) AS s3
  FROM scan_1_rows
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
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s2
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p13: Array(Bool)}, arrayEnumerate({p13: Array(Bool)}))) AS z
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
  CAST(t1 AS Nullable(Decimal(76, 0))) * {p14: Decimal(76, 38)} AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC
LIMIT {p15: Int64}
OFFSET {p16: Int64}

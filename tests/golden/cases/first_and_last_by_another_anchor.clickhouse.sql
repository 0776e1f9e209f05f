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
          arrayZip({p9: Array(Int64)}, {p10: Array(Int64)}, arrayEnumerate({p9: Array(Int64)}))
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
        arrayJoin(arrayZip({p11: Array(Int64)}, arrayEnumerate({p11: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period AS period,
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        (
          f."weight"
        ) IS NULL
      ) THEN 1 ELSE 0 END DESC, f."delivered_at" ASC, f."order_id" ASC
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
), scan_0 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    CAST(COUNT(*) FILTER(WHERE
      there = 1) AS Int64) AS s1
  FROM scan_0_rows
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period AS period,
    f."weight" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE WHEN NOT (
        (
          f."weight"
        ) IS NULL
      ) THEN 1 ELSE 0 END DESC, f."delivered_at" DESC, f."order_id" DESC
    ) AS place
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      ) > length({p4: Array(Int64)})
      THEN {p5: Int64}
      ELSE arrayElement(
        {p4: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."delivered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
          ),
          {p3: Int64}
        ) + 1
      )
    END
  WHERE
    f."client_id" = {p1: String}
), scan_1 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s2,
    CAST(COUNT(*) FILTER(WHERE
      there = 1) AS Int64) AS s3
  FROM scan_1_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    scan_1.s2 AS t1,
    COALESCE(scan_1.s3, 0) AS r1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p6: Array(Bool)}, arrayEnumerate({p6: Array(Bool)}))) AS z
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
LIMIT {p7: Int64}
OFFSET {p8: Int64}

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
          arrayZip({p25: Array(Int64)}, {p26: Array(Int64)}, arrayEnumerate({p25: Array(Int64)}))
        ) AS z
    ) AS z
  ) AS r
), cut_1 AS (
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
          arrayZip({p27: Array(Int64)}, {p28: Array(Int64)}, arrayEnumerate({p27: Array(Int64)}))
        ) AS z
    ) AS z
  ) AS r
), cut_2 AS (
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
          arrayZip({p29: Array(Int64)}, {p30: Array(Int64)}, arrayEnumerate({p29: Array(Int64)}))
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
        arrayJoin(arrayZip({p31: Array(Int64)}, arrayEnumerate({p31: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_1 AS (
  SELECT
    c.period AS period,
    s.segment AS segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS segment,
      tupleElement(z.z, 2) AS position
    FROM (
      SELECT
        arrayJoin(arrayZip({p32: Array(Int64)}, arrayEnumerate({p32: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_1 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), pairs_2 AS (
  SELECT
    c.period AS period,
    s.segment AS segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS segment,
      tupleElement(z.z, 2) AS position
    FROM (
      SELECT
        arrayJoin(arrayZip({p33: Array(Int64)}, arrayEnumerate({p33: Array(Int64)}))) AS z
    ) AS z
  ) AS s
  JOIN cut_2 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), spans_0 AS (
  SELECT
    r.period AS period,
    r.starts_at AS starts_at
  FROM (
    SELECT
      tupleElement(z.z, 1) AS starts_at,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p34: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p34: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), spans_1 AS (
  SELECT
    r.period AS period,
    r.ends_at AS ends_at
  FROM (
    SELECT
      tupleElement(z.z, 1) AS ends_at,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p35: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p35: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), spans_2 AS (
  SELECT
    r.period AS period,
    r.ends_at AS ends_at
  FROM (
    SELECT
      tupleElement(z.z, 1) AS ends_at,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p36: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p36: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period AS period,
    CAST(COUNT(*) AS Int64) AS s0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
          ),
          {p5: Int64}
        ) + 1
      ) > length({p6: Array(Int64)})
      THEN {p7: Int64}
      ELSE arrayElement(
        {p6: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
          ),
          {p5: Int64}
        ) + 1
      )
    END + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
        THEN 1
        ELSE 0
      END
    END
  LEFT JOIN (
    SELECT
      f."customer_id" AS k0,
      e.period AS k1,
      MAX(1) AS value
    FROM "facts"."subscription" AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = {p1: String}
      AND f."started_at" < p.starts_at
      AND (
        f."ended_at" IS NULL OR f."ended_at" >= p.starts_at
      )
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = f."customer_id" AND c0.k1 = e.period
  WHERE
    f."client_id" = {p1: String} AND COALESCE(c0.value, 0) = 1
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period AS period,
    CAST(COUNT(*) AS Int64) AS s1
  FROM "facts"."order" AS f
  JOIN pairs_1 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p10: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p10: Int64}
          ),
          {p11: Int64}
        ) + 1
      ) > length({p12: Array(Int64)})
      THEN {p13: Int64}
      ELSE arrayElement(
        {p12: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p10: Int64}
          ),
          {p11: Int64}
        ) + 1
      )
    END + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p8: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p8: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p9: Int64}
        THEN 1
        ELSE 0
      END
    END
  JOIN spans_1 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = {p1: String} AND f."delivered_at" < p.ends_at
  GROUP BY
    1
), scan_2 AS (
  SELECT
    e.period AS period,
    CAST(COUNT(*) AS Int64) AS s2
  FROM "facts"."order" AS f
  JOIN pairs_2 AS e
    ON e.segment = CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p16: Int64}
      THEN 0
      WHEN (
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p16: Int64}
          ),
          {p17: Int64}
        ) + 1
      ) > length({p18: Array(Int64)})
      THEN {p19: Int64}
      ELSE arrayElement(
        {p18: Array(Int64)},
        intDiv(
          (
            toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) - {p16: Int64}
          ),
          {p17: Int64}
        ) + 1
      )
    END + CASE
      WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) < {p14: Int64}
      THEN 0
      ELSE CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p14: Int64}
        THEN 1
        ELSE 0
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."ordered_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p15: Int64}
        THEN 1
        ELSE 0
      END
    END
  JOIN spans_2 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = {p1: String} AND f."delivered_at" < p.ends_at
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
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s1
    END AS t1,
    COALESCE(scan_1.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_2.s2, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_2.s2
    END AS t2,
    COALESCE(scan_2.s2, 0) AS r2
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS covered_2,
      tupleElement(z.z, 4) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip(
            {p20: Array(Bool)},
            {p21: Array(Bool)},
            {p22: Array(Bool)},
            arrayEnumerate({p20: Array(Bool)})
          )
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2
    ON scan_2.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
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
LIMIT {p23: Int64}
OFFSET {p24: Int64}

WITH cut_0 AS (
  SELECT
    r.period AS period,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS last_segment,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p13: Array(Int64)}, arrayEnumerate({p13: Array(Int64)}))) AS z
    ) AS z
  ) AS r
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
            {p14: Array(Nullable(DateTime64(6, 'UTC')))},
            arrayEnumerate({p14: Array(Nullable(DateTime64(6, 'UTC')))})
          )
        ) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period AS period,
    quantileExactInclusive(0.5)(CAST(CASE WHEN f.ae_ends >= e.last_segment THEN f."fee" END AS Nullable(Float64))) AS s0,
    CAST(COUNT(DISTINCT f."plan") FILTER(WHERE
      f.ae_ends >= e.last_segment) AS Int64) AS s1,
    SUM(f."fee" * CAST(1 AS Decimal(76, 0))) FILTER(WHERE
      f."started_at" < p.starts_at AND f.ae_ends >= e.last_segment) AS s2,
    CAST(COUNT(*) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS Int64) AS s3,
    CAST(COUNT(*) AS Int64) AS s4,
    CAST(COUNT(f."fee") FILTER(WHERE
      f.ae_ends >= e.last_segment) AS Int64) AS s5,
    CAST(COUNT(f."plan") FILTER(WHERE
      f.ae_ends >= e.last_segment) AS Int64) AS s6,
    CAST(COUNT(*) FILTER(WHERE
      f."started_at" < p.starts_at AND f.ae_ends >= e.last_segment) AS Int64) AS s7,
    CAST(COUNT(*) FILTER(WHERE
      f."started_at" < p.starts_at) AS Int64) AS s8,
    CAST(COUNT(f."fee") FILTER(WHERE
      f."started_at" < p.starts_at AND f.ae_ends >= e.last_segment) AS Int64) AS s9
  FROM (
    SELECT
      f.*,
      CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
        THEN 0
        WHEN (
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
            ),
            {p5: Int64}
          ) + 1
        ) > length({p6: Array(Int64)})
        THEN {p7: Int64}
        ELSE arrayElement(
          {p6: Array(Int64)},
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
            ),
            {p5: Int64}
          ) + 1
        )
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
        THEN 0
        ELSE CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
          THEN 1
          ELSE 0
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
          THEN 1
          ELSE 0
        END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
          THEN 0
          WHEN (
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
              ),
              {p5: Int64}
            ) + 1
          ) > length({p6: Array(Int64)})
          THEN {p7: Int64}
          ELSE arrayElement(
            {p6: Array(Int64)},
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
              ),
              {p5: Int64}
            ) + 1
          )
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
          THEN 0
          ELSE CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
            THEN 1
            ELSE 0
          END + CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
            THEN 1
            ELSE 0
          END
        END,
        {p8: Int64}
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = {p9: String} AND f."started_at" < {p1: DateTime64(6, 'UTC')}
  ) AS f
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  JOIN spans_0 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = {p9: String}
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period AS period,
    f."fee" AS value,
    CASE WHEN f.ae_ends >= e.last_segment THEN 1 ELSE 0 END AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE
        WHEN NOT (
          (
            f."fee"
          ) IS NULL
        ) AND f.ae_ends >= e.last_segment
        THEN 1
        ELSE 0
      END DESC, f."started_at" ASC, f."sub_id" ASC, f."started_at" ASC
    ) AS place
  FROM (
    SELECT
      f.*,
      CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
        THEN 0
        WHEN (
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
            ),
            {p5: Int64}
          ) + 1
        ) > length({p6: Array(Int64)})
        THEN {p7: Int64}
        ELSE arrayElement(
          {p6: Array(Int64)},
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
            ),
            {p5: Int64}
          ) + 1
        )
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
        THEN 0
        ELSE CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
          THEN 1
          ELSE 0
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
          THEN 1
          ELSE 0
        END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
          THEN 0
          WHEN (
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
              ),
              {p5: Int64}
            ) + 1
          ) > length({p6: Array(Int64)})
          THEN {p7: Int64}
          ELSE arrayElement(
            {p6: Array(Int64)},
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
              ),
              {p5: Int64}
            ) + 1
          )
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
          THEN 0
          ELSE CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
            THEN 1
            ELSE 0
          END + CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
            THEN 1
            ELSE 0
          END
        END,
        {p8: Int64}
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = {p9: String} AND f."started_at" < {p1: DateTime64(6, 'UTC')}
  ) AS f
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f."client_id" = {p9: String}
), scan_1 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s10,
    CAST(COUNT(*) FILTER(WHERE
      there = 1) AS Int64) AS s11,
    CAST(COUNT(*) AS Int64) AS s12
  FROM scan_1_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s3, 0) AS r0,
    COALESCE(scan_0.s4, 0) AS p0,
    COALESCE(scan_0.s5, 0) AS n0,
    scan_1.s10 AS t1,
    COALESCE(scan_1.s11, 0) AS r1,
    COALESCE(scan_1.s12, 0) AS p1,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s1, 0)
    END AS t2,
    COALESCE(scan_0.s3, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS p2,
    COALESCE(scan_0.s6, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s7, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t3,
    COALESCE(scan_0.s7, 0) AS r3,
    COALESCE(scan_0.s8, 0) AS p3,
    COALESCE(scan_0.s9, 0) AS n3
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
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3
FROM terms
ORDER BY
  period ASC
LIMIT {p11: Int64}
OFFSET {p12: Int64}

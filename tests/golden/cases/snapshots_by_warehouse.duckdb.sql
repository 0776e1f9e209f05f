WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($13 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($13 AS BIGINT[]), 1) AS period
  ) AS r
), scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    j1."name" AS d0,
    SUM(f."quantity") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f."quantity") AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN EPOCH_US(f."taken_at") < CAST($4 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."taken_at") - CAST($4 AS BIGINT)
            ) // CAST($5 AS BIGINT)
          ) + 1
        ) > LEN(CAST($6 AS BIGINT[]))
        THEN CAST($7 AS BIGINT)
        ELSE LIST_EXTRACT(
          (
            SELECT
              CAST($6 AS BIGINT[])
          ),
          (
            (
              EPOCH_US(f."taken_at") - CAST($4 AS BIGINT)
            ) // CAST($5 AS BIGINT)
          ) + 1
        )
      END + CASE
        WHEN EPOCH_US(f."taken_at") < CAST($2 AS BIGINT)
        THEN 0
        ELSE CASE WHEN EPOCH_US(f."taken_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."taken_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      LEAST(
        COALESCE(
          CASE
            WHEN EPOCH_US(
              LEAD(f."taken_at") OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at")
            ) < CAST($4 AS BIGINT)
            THEN 0
            WHEN (
              (
                (
                  EPOCH_US(
                    LEAD(f."taken_at") OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at")
                  ) - CAST($4 AS BIGINT)
                ) // CAST($5 AS BIGINT)
              ) + 1
            ) > LEN(CAST($6 AS BIGINT[]))
            THEN CAST($7 AS BIGINT)
            ELSE LIST_EXTRACT(
              (
                SELECT
                  CAST($6 AS BIGINT[])
              ),
              (
                (
                  EPOCH_US(
                    LEAD(f."taken_at") OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at")
                  ) - CAST($4 AS BIGINT)
                ) // CAST($5 AS BIGINT)
              ) + 1
            )
          END + CASE
            WHEN EPOCH_US(
              LEAD(f."taken_at") OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at")
            ) < CAST($2 AS BIGINT)
            THEN 0
            ELSE CASE
              WHEN EPOCH_US(
                LEAD(f."taken_at") OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at")
              ) >= CAST($2 AS BIGINT)
              THEN 1
              ELSE 0
            END + CASE
              WHEN EPOCH_US(
                LEAD(f."taken_at") OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at")
              ) >= CAST($3 AS BIGINT)
              THEN 1
              ELSE 0
            END
          END,
          CAST($8 AS BIGINT)
        ),
        CASE
          WHEN EPOCH_US(f."taken_at" + TO_SECONDS(604800)) < CAST($4 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."taken_at" + TO_SECONDS(604800)) - CAST($4 AS BIGINT)
              ) // CAST($5 AS BIGINT)
            ) + 1
          ) > LEN(CAST($6 AS BIGINT[]))
          THEN CAST($7 AS BIGINT)
          ELSE LIST_EXTRACT(
            (
              SELECT
                CAST($6 AS BIGINT[])
            ),
            (
              (
                EPOCH_US(f."taken_at" + TO_SECONDS(604800)) - CAST($4 AS BIGINT)
              ) // CAST($5 AS BIGINT)
            ) + 1
          )
        END + CASE
          WHEN EPOCH_US(f."taken_at" + TO_SECONDS(604800)) < CAST($2 AS BIGINT)
          THEN 0
          ELSE CASE
            WHEN EPOCH_US(f."taken_at" + TO_SECONDS(604800)) >= CAST($2 AS BIGINT)
            THEN 1
            ELSE 0
          END + CASE
            WHEN EPOCH_US(f."taken_at" + TO_SECONDS(604800)) >= CAST($3 AS BIGINT)
            THEN 1
            ELSE 0
          END
        END
      ) AS ae_ends
    FROM "facts"."stock" AS f
    WHERE
      f."client_id" = CAST($9 AS TEXT) AND f."taken_at" < CAST($1 AS TIMESTAMPTZ)
  ) AS f
  LEFT JOIN "facts"."warehouse" AS j1
    ON j1."client_id" = f."client_id" AND j1."warehouse_id" = f."warehouse_id"
  WHERE
    f."client_id" = CAST($9 AS TEXT)
  GROUP BY
    1,
    2,
    3
), scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0_0.d0,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 AND COALESCE(scan_0_0.s1, 0) > 0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS p0,
    COALESCE(scan_0_0.s3, 0) AS n0
  FROM (
    SELECT
      UNNEST(CAST($10 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($10 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN scan_0_0
    ON scan_0_0.period = spine.period
), repeated_warehouse AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM "facts"."warehouse" AS f
    WHERE
      f."client_id" = CAST($9 AS TEXT)
    GROUP BY
      f."warehouse_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0,
  (
    SELECT
      COUNT(*)
    FROM repeated_warehouse
  ) AS repeated_warehouse
FROM terms
WHERE
  p0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($11 AS BIGINT)
OFFSET CAST($12 AS BIGINT)

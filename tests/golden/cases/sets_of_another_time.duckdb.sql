WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($29 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($30 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($29 AS BIGINT[]), 1) AS period
  ) AS r
), cut_1 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($31 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($32 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($31 AS BIGINT[]), 1) AS period
  ) AS r
), cut_2 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($33 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($33 AS BIGINT[]), 1) AS period
  ) AS r
), scan_0_things AS (
  SELECT
    e.period,
    MAX(
      CASE
        WHEN f.ae_begins < e.first_segment AND f.ae_ends >= e.first_segment
        THEN 1
        ELSE 0
      END
    ) AS at_start,
    MAX(
      CASE
        WHEN f.ae_begins < e.last_segment AND f.ae_ends >= e.last_segment
        THEN 1
        ELSE 0
      END
    ) AS at_end
  FROM (
    SELECT
      f.*,
      CASE
        WHEN EPOCH_US(f."started_at") < CAST($4 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."started_at") - CAST($4 AS BIGINT)
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
              EPOCH_US(f."started_at") - CAST($4 AS BIGINT)
            ) // CAST($5 AS BIGINT)
          ) + 1
        )
      END + CASE
        WHEN EPOCH_US(f."started_at") < CAST($2 AS BIGINT)
        THEN 0
        ELSE CASE WHEN EPOCH_US(f."started_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN EPOCH_US(f."ended_at") < CAST($4 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."ended_at") - CAST($4 AS BIGINT)
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
                EPOCH_US(f."ended_at") - CAST($4 AS BIGINT)
              ) // CAST($5 AS BIGINT)
            ) + 1
          )
        END + CASE
          WHEN EPOCH_US(f."ended_at") < CAST($2 AS BIGINT)
          THEN 0
          ELSE CASE WHEN EPOCH_US(f."ended_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($3 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST($8 AS BIGINT)
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($9 AS TEXT) AND f."started_at" < CAST($1 AS TIMESTAMPTZ)
  ) AS f
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f."client_id" = CAST($9 AS TEXT)
  GROUP BY
    e.period,
    f."sub_id"
), scan_0 AS (
  SELECT
    period,
    SUM(CASE WHEN at_start = 1 AND at_end = 0 THEN 1 ELSE 0 END) AS s0,
    SUM(CASE WHEN at_start + at_end > 0 THEN 1 ELSE 0 END) AS s1,
    COUNT(*) AS s2
  FROM scan_0_things
  GROUP BY
    1
), scan_1_things AS (
  SELECT
    e.period,
    MAX(
      CASE
        WHEN f.ae_begins < e.first_segment AND f.ae_ends >= e.first_segment
        THEN 1
        ELSE 0
      END
    ) AS at_start,
    MAX(
      CASE
        WHEN f.ae_begins < e.last_segment AND f.ae_ends >= e.last_segment
        THEN 1
        ELSE 0
      END
    ) AS at_end
  FROM (
    SELECT
      f.*,
      CASE
        WHEN EPOCH_US(f."started_at") < CAST($11 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."started_at") - CAST($11 AS BIGINT)
            ) // CAST($12 AS BIGINT)
          ) + 1
        ) > LEN(CAST($13 AS BIGINT[]))
        THEN CAST($14 AS BIGINT)
        ELSE LIST_EXTRACT(
          (
            SELECT
              CAST($13 AS BIGINT[])
          ),
          (
            (
              EPOCH_US(f."started_at") - CAST($11 AS BIGINT)
            ) // CAST($12 AS BIGINT)
          ) + 1
        )
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN EPOCH_US(f."ended_at") < CAST($11 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."ended_at") - CAST($11 AS BIGINT)
              ) // CAST($12 AS BIGINT)
            ) + 1
          ) > LEN(CAST($13 AS BIGINT[]))
          THEN CAST($14 AS BIGINT)
          ELSE LIST_EXTRACT(
            (
              SELECT
                CAST($13 AS BIGINT[])
            ),
            (
              (
                EPOCH_US(f."ended_at") - CAST($11 AS BIGINT)
              ) // CAST($12 AS BIGINT)
            ) + 1
          )
        END,
        CAST($15 AS BIGINT)
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($9 AS TEXT) AND f."started_at" < CAST($10 AS TIMESTAMPTZ)
  ) AS f
  JOIN cut_1 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f."client_id" = CAST($9 AS TEXT)
  GROUP BY
    e.period,
    f."sub_id"
), scan_1 AS (
  SELECT
    period,
    SUM(CASE WHEN at_start = 1 AND at_end = 1 THEN 1 ELSE 0 END) AS s3,
    SUM(CASE WHEN at_start = 1 AND at_end = 0 THEN 1 ELSE 0 END) AS s4,
    SUM(CASE WHEN at_start + at_end > 0 THEN 1 ELSE 0 END) AS s5,
    COUNT(*) AS s6
  FROM scan_1_things
  GROUP BY
    1
), scan_2 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    COUNT(*) AS a0,
    COUNT(*) AS a1
  FROM (
    SELECT
      f.*,
      CASE
        WHEN EPOCH_US(f."started_at") < CAST($19 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              EPOCH_US(f."started_at") - CAST($19 AS BIGINT)
            ) // CAST($20 AS BIGINT)
          ) + 1
        ) > LEN(CAST($21 AS BIGINT[]))
        THEN CAST($22 AS BIGINT)
        ELSE LIST_EXTRACT(
          (
            SELECT
              CAST($21 AS BIGINT[])
          ),
          (
            (
              EPOCH_US(f."started_at") - CAST($19 AS BIGINT)
            ) // CAST($20 AS BIGINT)
          ) + 1
        )
      END + CASE
        WHEN EPOCH_US(f."started_at") < CAST($17 AS BIGINT)
        THEN 0
        ELSE CASE WHEN EPOCH_US(f."started_at") >= CAST($17 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."started_at") >= CAST($18 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN EPOCH_US(f."ended_at") < CAST($19 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                EPOCH_US(f."ended_at") - CAST($19 AS BIGINT)
              ) // CAST($20 AS BIGINT)
            ) + 1
          ) > LEN(CAST($21 AS BIGINT[]))
          THEN CAST($22 AS BIGINT)
          ELSE LIST_EXTRACT(
            (
              SELECT
                CAST($21 AS BIGINT[])
            ),
            (
              (
                EPOCH_US(f."ended_at") - CAST($19 AS BIGINT)
              ) // CAST($20 AS BIGINT)
            ) + 1
          )
        END + CASE
          WHEN EPOCH_US(f."ended_at") < CAST($17 AS BIGINT)
          THEN 0
          ELSE CASE WHEN EPOCH_US(f."ended_at") >= CAST($17 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."ended_at") >= CAST($18 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST($23 AS BIGINT)
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($9 AS TEXT) AND f."started_at" < CAST($16 AS TIMESTAMPTZ)
  ) AS f
  WHERE
    f."client_id" = CAST($9 AS TEXT)
  GROUP BY
    1,
    2
), scan_2_0 AS (
  SELECT
    e.period,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS BIGINT) AS s7,
    CAST(SUM(s.a1) AS BIGINT) AS s8
  FROM scan_2 AS s
  JOIN cut_2 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS p0,
    CASE
      WHEN COALESCE(scan_1.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s5, 0) AS r1,
    COALESCE(scan_1.s6, 0) AS p1,
    CASE
      WHEN COALESCE(scan_2_0.s7, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_2_0.s7
    END AS t2,
    COALESCE(scan_2_0.s7, 0) AS r2,
    COALESCE(scan_2_0.s8, 0) AS p2,
    CASE
      WHEN COALESCE(scan_1.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s4
    END AS t3,
    COALESCE(scan_1.s5, 0) AS r3,
    COALESCE(scan_1.s6, 0) AS p3
  FROM (
    SELECT
      UNNEST(CAST($24 AS BOOLEAN[])) AS covered_0,
      UNNEST(CAST($25 AS BOOLEAN[])) AS covered_1,
      UNNEST(CAST($26 AS BOOLEAN[])) AS covered_2,
      GENERATE_SUBSCRIPTS(CAST($24 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2_0
    ON scan_2_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  CAST(t1 AS DOUBLE) / NULLIF(CAST(t2 AS DOUBLE), 0) AS k1,
  CAST(t1 AS DOUBLE) / NULLIF(CAST((
    t1 + t3
  ) AS DOUBLE), 0) AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3
FROM terms
ORDER BY
  period ASC
LIMIT CAST($27 AS BIGINT)
OFFSET CAST($28 AS BIGINT)

-- person
WITH
page_recent AS (
    SELECT person AS id, arg_max(page, ("at", key)) AS page
    FROM stream__event
    WHERE
        day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
        AND name = 'visit' AND page IS NOT NULL
    GROUP BY person
),
r90 AS (
    SELECT
        person AS id,
        count(*) AS e90,
        count(*) FILTER (WHERE day > DATE '2024-12-31' - 30) AS e30,
        count(*) FILTER (WHERE name = 'visit') AS v90,
        count(*) FILTER (WHERE day > DATE '2024-12-31' - 30 AND name = 'visit') AS v30,
        count(*) FILTER (WHERE day > DATE '2024-12-31' - 7 AND name = 'visit') AS v7,
        sum(minutes) AS m90,
        sum(minutes) FILTER (WHERE day > DATE '2024-12-31' - 30) AS m30,
        max(minutes) AS longest,
        count(minutes) AS timed,
        bit_count(bit_or(1::HUGEINT << (DATE '2024-12-31' - day)::INTEGER)) AS days,
        max(day) FILTER (WHERE name = 'login') AS login
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY person
),
r180 AS (
    SELECT
        person AS id,
        count(*) AS e,
        sum(minutes) AS m,
        max(day) FILTER (WHERE name = 'login') AS login
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 180 AND day <= DATE '2024-12-31' - 90
    GROUP BY person
),
recent AS MATERIALIZED (
    SELECT
        p.id, a.e90, a.e30, a.v90, a.v30, a.v7, a.m90, a.m30, a.longest, a.timed, a.days,
        coalesce(a.e90, 0) + coalesce(b.e, 0) AS e180,
        b.m AS m_before,
        coalesce(a.login, b.login) AS login,
        g.page
    FROM person p
    LEFT JOIN r90 a USING (id)
    LEFT JOIN r180 b USING (id)
    LEFT JOIN page_recent g USING (id)
),
-- Only those whose last login, last page or first fact the recent facts do not tell.
need AS MATERIALIZED (
    SELECT id, page IS NULL AS no_page
    FROM recent
    WHERE login IS NULL OR page IS NULL OR e180 = e90
),
older AS (
    SELECT
        need.id,
        max(day) FILTER (WHERE name = 'login') AS login,
        arg_max(page, ("at", key)) FILTER (
            WHERE need.no_page AND name = 'visit' AND page IS NOT NULL
        ) AS page,
        count(*) FILTER (WHERE day <= DATE '2024-12-31' - 180) AS e
    FROM stream__event
    JOIN need ON need.id = person
    WHERE day <= DATE '2024-12-31' - 90
    GROUP BY need.id
),
codes AS MATERIALIZED (
    SELECT feature, row_number() OVER (ORDER BY feature) AS code
    FROM (
        SELECT DISTINCT feature
        FROM stream__event
        WHERE
            day > DATE '2024-12-31' - 180 AND day <= DATE '2024-12-31'
            AND name = 'use' AND feature IS NOT NULL
    )
),
-- The best is the highest count, then the lowest code: both in one number.
used AS (
    SELECT
        id,
        count(*) FILTER (WHERE n90 > 0) AS features_90d,
        max(n * 1048576 - code) AS best
    FROM (
        SELECT
            person AS id,
            feature,
            count(*) AS n,
            count(*) FILTER (WHERE day > DATE '2024-12-31' - 90) AS n90
        FROM stream__event
        WHERE
            day > DATE '2024-12-31' - 180 AND day <= DATE '2024-12-31'
            AND name = 'use' AND feature IS NOT NULL
        GROUP BY person, feature
    )
    JOIN codes USING (feature)
    GROUP BY id
),
features AS (
    SELECT id, features_90d, feature AS favourite
    FROM used
    JOIN codes ON code = 1048576 - best % 1048576
),
purchases AS (
    SELECT person AS id, count(*) AS n
    FROM stream__event
    WHERE
        day > DATE '2024-12-31' - 365 AND day <= DATE '2024-12-31' AND name = 'purchase'
    GROUP BY person
)
SELECT
    r.id,
    coalesce(r.v7, 0) AS visits_7d,
    coalesce(r.v30, 0) AS visits_30d,
    coalesce(r.v90, 0) AS visits_90d,
    coalesce(r.e30, 0) AS events_30d,
    r.e180 AS events_180d,
    coalesce(r.m30, 0) AS minutes_30d,
    coalesce(r.m90, 0) AS minutes_90d,
    coalesce(r.m_before, 0) AS minutes_before,
    coalesce(r.m90, 0) / nullif(r.m_before, 0) AS trend,
    coalesce(r.days, 0) AS days_active_90d,
    DATE '2024-12-31' - coalesce(r.login, o.login) AS last_login,
    r.longest AS longest_90d,
    r.m90 / nullif(r.timed, 0) AS average_90d,
    coalesce(f.features_90d, 0) AS features_90d,
    coalesce(r.page, o.page) AS last_page,
    f.favourite AS favourite_feature,
    coalesce(r.v30, 0) >= 3 AS active,
    CASE
        WHEN coalesce(r.m90, 0) < 10 THEN 'low'
        WHEN r.m90 < 60 THEN 'middle'
        ELSE 'high'
    END AS activity,
    CASE
        WHEN r.e90 > 0 AND r.e180 = r.e90 AND coalesce(o.e, 0) = 0 THEN 'new'
        WHEN r.v30 > 0 THEN 'active'
        WHEN r.e180 > 0 THEN 'quiet'
        ELSE 'gone'
    END AS stage,
    coalesce(u.n, 0) AS purchases_1y
FROM recent r
LEFT JOIN older o USING (id)
LEFT JOIN features f USING (id)
LEFT JOIN purchases u USING (id);

-- enterprise
WITH
recent AS MATERIALIZED (
    SELECT
        enterprise AS id,
        count(*) FILTER (WHERE day > DATE '2024-12-31' - 30 AND name = 'visit') AS v30,
        count(*) FILTER (WHERE name = 'visit') AS v90,
        sum(minutes) FILTER (WHERE day > DATE '2024-12-31' - 30) AS m30,
        sum(minutes) AS m90,
        bit_count(bit_or(1::HUGEINT << (DATE '2024-12-31' - day)::INTEGER)) AS days,
        max(day) AS seen
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY enterprise
),
-- Only those not seen in the recent facts.
older AS (
    SELECT enterprise AS id, max(day) AS seen
    FROM stream__event
    WHERE
        day <= DATE '2024-12-31' - 90
        AND enterprise IN (SELECT id FROM enterprise ANTI JOIN recent USING (id))
    GROUP BY enterprise
),
spend AS (
    SELECT enterprise AS id, sum(amount) AS amount
    FROM stream__event
    WHERE
        day > DATE '2024-12-31' - 365 AND day <= DATE '2024-12-31' AND name = 'purchase'
    GROUP BY enterprise
),
roles AS (
    SELECT r.enterprise AS id, count(*) AS current, count(a.role) AS active
    FROM role r
    LEFT JOIN (
        SELECT DISTINCT role
        FROM stream__event
        WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31'
    ) a ON a.role = r.id
    WHERE
        (r.since IS NULL OR r.since <= DATE '2024-12-31')
        AND (r.until IS NULL OR r.until > DATE '2024-12-31')
    GROUP BY r.enterprise
)
SELECT
    e.id,
    coalesce(r.v30, 0) AS e_visits_30d,
    coalesce(r.v90, 0) AS e_visits_90d,
    coalesce(r.m30, 0) AS e_minutes_30d,
    coalesce(r.m90, 0) AS e_minutes_90d,
    coalesce(r.days, 0) AS e_days_active_90d,
    DATE '2024-12-31' - coalesce(r.seen, o.seen) AS e_last_seen,
    coalesce(s.amount, 0) AS e_spend_1y,
    CASE
        WHEN s.amount >= 2000 THEN 'high'
        WHEN s.amount >= 500 THEN 'middle'
        ELSE 'low'
    END AS e_tier,
    coalesce(k.active, 0) AS e_active_roles,
    k.active / k.current AS e_share_active
FROM enterprise e
LEFT JOIN recent r USING (id)
LEFT JOIN older o USING (id)
LEFT JOIN spend s USING (id)
LEFT JOIN roles k USING (id);

-- visits_7d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 7 AND day <= DATE '2024-12-31' AND name = 'visit'
    GROUP BY person
) f USING (id);

-- visits_30d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31' AND name = 'visit'
    GROUP BY person
) f USING (id);

-- visits_90d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31' AND name = 'visit'
    GROUP BY person
) f USING (id);

-- events_30d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- events_180d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 180 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- minutes_30d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, sum(minutes) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- minutes_90d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, sum(minutes) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- minutes_before
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, sum(minutes) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 180 AND day <= DATE '2024-12-31' - 90
    GROUP BY person
) f USING (id);

-- trend
SELECT s.id, coalesce(f.recent, 0) / nullif(f.before, 0) AS value
FROM person s
LEFT JOIN (
    SELECT
        person AS id,
        coalesce(sum(minutes) FILTER (WHERE day > DATE '2024-12-31' - 90), 0) AS recent,
        sum(minutes) FILTER (WHERE day <= DATE '2024-12-31' - 90) AS before
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 180 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- days_active_90d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(DISTINCT day) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- last_login
SELECT s.id, f.value AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, DATE '2024-12-31' - max(day) AS value
    FROM stream__event
    WHERE day <= DATE '2024-12-31' AND name = 'login'
    GROUP BY person
) f USING (id);

-- longest_90d
SELECT s.id, f.value AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, max(minutes) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- average_90d
SELECT s.id, f.value AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, avg(minutes) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- features_90d
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(DISTINCT feature) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31' AND name = 'use'
    GROUP BY person
) f USING (id);

-- last_page
SELECT s.id, f.value AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, arg_max(page, ("at", key)) AS value
    FROM stream__event
    WHERE day <= DATE '2024-12-31' AND name = 'visit' AND page IS NOT NULL
    GROUP BY person
) f USING (id);

-- favourite_feature
SELECT s.id, f.value
FROM person s
LEFT JOIN (
    SELECT person AS id, arg_min(feature, (-n, feature)) AS value
    FROM (
        SELECT person, feature, count(*) AS n
        FROM stream__event
        WHERE
            day > DATE '2024-12-31' - 180 AND day <= DATE '2024-12-31'
            AND name = 'use' AND feature IS NOT NULL
        GROUP BY person, feature
    )
    GROUP BY person
) f USING (id);

-- active
SELECT s.id, coalesce(f.value, 0) >= 3 AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31' AND name = 'visit'
    GROUP BY person
) f USING (id);

-- activity
SELECT
    s.id,
    CASE
        WHEN coalesce(f.value, 0) < 10 THEN 'low'
        WHEN f.value < 60 THEN 'middle'
        ELSE 'high'
    END AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, sum(minutes) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- stage
SELECT
    s.id,
    CASE
        WHEN f.everything = f.events_90d AND f.everything > 0 THEN 'new'
        WHEN f.visits_30d > 0 THEN 'active'
        WHEN f.events_180d > 0 THEN 'quiet'
        ELSE 'gone'
    END AS value
FROM person s
LEFT JOIN (
    SELECT
        person AS id,
        count(*) AS everything,
        count(*) FILTER (WHERE day > DATE '2024-12-31' - 90) AS events_90d,
        count(*) FILTER (WHERE day > DATE '2024-12-31' - 180) AS events_180d,
        count(*) FILTER (WHERE day > DATE '2024-12-31' - 30 AND name = 'visit') AS visits_30d
    FROM stream__event
    WHERE day <= DATE '2024-12-31'
    GROUP BY person
) f USING (id);

-- purchases_1y
SELECT s.id, coalesce(f.value, 0) AS value
FROM person s
LEFT JOIN (
    SELECT person AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 365 AND day <= DATE '2024-12-31' AND name = 'purchase'
    GROUP BY person
) f USING (id);

-- e_visits_30d
SELECT s.id, coalesce(f.value, 0) AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31' AND name = 'visit'
    GROUP BY enterprise
) f USING (id);

-- e_visits_90d
SELECT s.id, coalesce(f.value, 0) AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, count(*) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31' AND name = 'visit'
    GROUP BY enterprise
) f USING (id);

-- e_minutes_30d
SELECT s.id, coalesce(f.value, 0) AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, sum(minutes) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31'
    GROUP BY enterprise
) f USING (id);

-- e_minutes_90d
SELECT s.id, coalesce(f.value, 0) AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, sum(minutes) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY enterprise
) f USING (id);

-- e_days_active_90d
SELECT s.id, coalesce(f.value, 0) AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, count(DISTINCT day) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 90 AND day <= DATE '2024-12-31'
    GROUP BY enterprise
) f USING (id);

-- e_last_seen
SELECT s.id, f.value AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, DATE '2024-12-31' - max(day) AS value
    FROM stream__event
    WHERE day <= DATE '2024-12-31'
    GROUP BY enterprise
) f USING (id);

-- e_spend_1y
SELECT s.id, coalesce(f.value, 0) AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, sum(amount) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 365 AND day <= DATE '2024-12-31' AND name = 'purchase'
    GROUP BY enterprise
) f USING (id);

-- e_tier
SELECT
    s.id,
    CASE
        WHEN f.value >= 2000 THEN 'high'
        WHEN f.value >= 500 THEN 'middle'
        ELSE 'low'
    END AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, sum(amount) AS value
    FROM stream__event
    WHERE day > DATE '2024-12-31' - 365 AND day <= DATE '2024-12-31' AND name = 'purchase'
    GROUP BY enterprise
) f USING (id);

-- e_active_roles
SELECT s.id, coalesce(f.value, 0) AS value
FROM enterprise s
LEFT JOIN (
    SELECT enterprise AS id, count(*) AS value
    FROM role
    WHERE
        (since IS NULL OR since <= DATE '2024-12-31')
        AND (until IS NULL OR until > DATE '2024-12-31')
        AND id IN (
            SELECT role FROM stream__event WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31'
        )
    GROUP BY enterprise
) f USING (id);

-- e_share_active
SELECT s.id, f.value
FROM enterprise s
LEFT JOIN (
    SELECT r.enterprise AS id, count(a.role) / count(*) AS value
    FROM role r
    LEFT JOIN (
        SELECT DISTINCT role FROM stream__event WHERE day > DATE '2024-12-31' - 30 AND day <= DATE '2024-12-31'
    ) a ON a.role = r.id
    WHERE
        (r.since IS NULL OR r.since <= DATE '2024-12-31')
        AND (r.until IS NULL OR r.until > DATE '2024-12-31')
    GROUP BY r.enterprise
) f USING (id);

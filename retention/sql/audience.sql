WITH policy_customers AS (SELECT 1 FROM :customers),
policy_segments AS (
  SELECT
    user_id, email, phone, LOWER(email) AS mailbox, email_consent, :segment AS segment, :hash % 10000 AS bucket,
    CASE
      WHEN recovered THEN 'recovered'
      WHEN (:has_email OR :has_phone) AND email IS NULL AND phone IS NULL THEN 'no_identifier'
      WHEN NOT email_consent THEN 'no_consent'
      WHEN unsubscribed THEN 'unsubscribed'
      WHEN contacted_recently THEN 'contacted_recently'
      WHEN not_chosen THEN 'not_chosen'
    END AS own_reason
  FROM policy_customers
),
policy_arms AS (
  SELECT
    user_id, email, phone, mailbox, email_consent, segment, :arm AS arm,
    CASE
      WHEN own_reason IN ('recovered', 'no_identifier', 'no_consent') THEN own_reason
      WHEN :listed THEN 'unsubscribed'
      ELSE own_reason
    END AS reason
  FROM policy_segments
  -- Distinct, so that a customer who is listed twice stays one row.
  LEFT JOIN (SELECT DISTINCT :listed_id AS listed_id FROM :suppressed) AS policy_ids ON user_id = listed_id
  LEFT JOIN (SELECT DISTINCT LOWER(:listed_email) AS listed_mailbox FROM :suppressed) AS policy_mailboxes
    ON mailbox = listed_mailbox
),
policy_households AS (
  SELECT
    user_id, email, phone, mailbox, email_consent, segment, arm, reason,
    -- What holds for a person holds for everybody with the same address.
    MAX(CASE
      WHEN reason IN ('recovered', 'no_consent', 'unsubscribed', 'contacted_recently') OR arm = :control THEN 1
      ELSE 0
    END) OVER (PARTITION BY mailbox) AS blocked
  FROM policy_arms
)
SELECT user_id, email, phone, segment, arm
FROM policy_households
WHERE reason IS NULL AND email_consent AND (arm IS NULL OR arm <> :control) AND (mailbox IS NULL OR blocked = 0)

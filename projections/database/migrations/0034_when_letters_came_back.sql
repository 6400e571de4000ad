-- When a letter came back is not when it was sent: one that was sent after it may have arrived.
ALTER TABLE outbox ADD COLUMN came_back_at timestamptz;
UPDATE outbox SET came_back_at = ended_at WHERE outcome = 'bounced';

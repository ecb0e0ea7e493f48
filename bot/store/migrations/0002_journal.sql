-- The keys under which askers are hashed: the newest, and those before it
-- until what was hashed with them is gone. There is none before the first entry.
CREATE TABLE aftercare_journal_key (
    since  TEXT NOT NULL PRIMARY KEY, -- day from which it is used, 2006-01-02, UTC
    secret TEXT NOT NULL              -- 32 random bytes in hexadecimal
);

-- What was asked in vain. There is no column for a time of day, a server,
-- a chat or a person.
CREATE TABLE aftercare_journal (
    day      TEXT NOT NULL, -- 2006-01-02, UTC
    platform TEXT NOT NULL,
    kind     TEXT NOT NULL, -- unknown, declined, suggest; answer: it got a thumb down
    words    TEXT NOT NULL, -- those that may be kept, sorted, one space between
    passage  TEXT NOT NULL, -- nearest passage, or the one judged; may be empty
    topic    TEXT NOT NULL, -- declined: the topic's name; may be empty
    asker    TEXT NOT NULL, -- keyed hash
    period   TEXT NOT NULL, -- "since" of the key; hashes compare within one period only
    raw      TEXT           -- the question as asked; only where the operator wants it
);
CREATE INDEX aftercare_journal_day ON aftercare_journal (day);
CREATE INDEX aftercare_journal_asker ON aftercare_journal (asker);

-- Thumbs: the last one of each asker on each passage.
CREATE TABLE aftercare_feedback (
    platform TEXT NOT NULL,
    passage  TEXT NOT NULL,
    asker    TEXT NOT NULL, -- keyed hash
    day      TEXT NOT NULL,
    helpful  INTEGER NOT NULL,
    PRIMARY KEY (platform, passage, asker)
);
CREATE INDEX aftercare_feedback_day ON aftercare_feedback (day);
CREATE INDEX aftercare_feedback_asker ON aftercare_feedback (asker);

-- What the admins of a server or group chose. No row is about a person.
CREATE TABLE aftercare_setting (
    platform TEXT NOT NULL,
    place    TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (platform, place, name)
);

-- SPDX-License-Identifier: Apache-2.0
-- Step 1 of the numbered migrations (storage/migrations.cpp): never edited once released, later steps come beside it.
-- Everything about a person is in the sealed columns; the *_hash columns are keyed hashes for look-ups. docs/format.md.

CREATE TABLE store (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  uuid    BLOB NOT NULL CHECK (length(uuid) = 16),
  sealed  BLOB NOT NULL
) STRICT;

CREATE TABLE key_slot (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  type        INTEGER NOT NULL,
  generation  INTEGER NOT NULL,
  wrapped     BLOB NOT NULL
) STRICT;

-- AUTOINCREMENT: the number of a removed row is never given again, so its sealed bytes fit nowhere any more.
-- The hashes are not UNIQUE: two users may collide, and a look-up opens every candidate.
CREATE TABLE owner (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  organization_hash  INTEGER NOT NULL,
  owner_hash         INTEGER NOT NULL,
  uid_hash           INTEGER NOT NULL,
  version            INTEGER NOT NULL,
  sealed             BLOB NOT NULL
) STRICT;
CREATE INDEX owner_by_hash ON owner (owner_hash);
CREATE INDEX owner_by_organization ON owner (organization_hash, owner_hash);
CREATE INDEX owner_by_uid ON owner (uid_hash);

CREATE TABLE factor (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  owner            INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
  id_hash          INTEGER NOT NULL,
  credential_hash  INTEGER NOT NULL,
  sealed           BLOB NOT NULL,
  seed             BLOB NOT NULL
) STRICT;
CREATE INDEX factor_by_owner ON factor (owner, id_hash);
CREATE INDEX factor_by_credential ON factor (credential_hash);

-- Append only. `owner` outlives the owner's row, therefore no reference.
CREATE TABLE journal (
  number  INTEGER PRIMARY KEY,
  owner   INTEGER NOT NULL,
  sealed  BLOB NOT NULL,
  chain   BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;

// SPDX-License-Identifier: Apache-2.0
// The encrypted store: current state in tables, every change with its event in the journal. Rows are reached only
// through an Owner (or an Organization), which only the door mints.
// Owned by the daemon's main; lives on the loop thread, as its SQLite connection does. Promises: what was read is what
// was written for that very row and owner, or Error (record_damaged); no SQLite failure leaves half a change.
// Errors of every call: unavailable (I/O, full disk, busy), record_damaged, store_locked.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/owner.hpp"
#include "core/random.hpp"
#include "core/secret.hpp"
#include "storage/event.hpp"
#include "storage/factor.hpp"

namespace factord::storage {

class OwnerView;

// What a new store is made with. It keeps them for good, so that renaming the machine locks nobody out.
struct Birth {
  std::string organization;  // the default one
  std::string domain;        // the default relying party id
};

class Store {
 public:
  // Opens DIRECTORY/factord.db; makes it where there is none. A key that does not open an existing store, or no key,
  // gives a store that is locked; its file stays untouched. Throws Error (unavailable) with the cause: no key for a new
  // store, a directory that cannot be written, a store of a newer version, a file that is no store or is damaged.
  static std::unique_ptr<Store> open(const std::filesystem::path& directory, const core::Secret* master_key,
                                     const Birth& birth, core::Random& random);
  ~Store();

  bool locked() const;
  const std::string& default_organization() const;
  const std::string& default_domain() const;

  OwnerView of(const core::Owner& owner);

  // Users of an organization, in an order of no meaning that is stable over pages: those after user id `after` (which
  // need not exist any more; empty: from the start), at most `limit`. Unix users appear once they were bound.
  std::vector<User> users(const core::Organization& organization, const std::string& after, std::size_t limit);
  std::uint64_t user_count(const core::Organization& organization);
  // The id of the user of that organization who has a factor with this credential id.
  std::optional<std::string> user_with(const core::Organization& organization, core::ByteView credential_id);
  // Of the journal, those after number `after`, at most `limit`. Throws record_damaged where its chain does not hold.
  std::vector<Event> events(std::uint64_t after, std::size_t limit);
  core::Time last_event_at();              // 1970: there is none
  bool knows_code(const std::string& id);  // of registration, whosever it is

  // How many registrations that this uid has begun are pending, in the whole store. Those whose time is over are
  // discarded on the way, so that they are never looked at twice. Needs an open transaction.
  std::uint32_t pending_begun_by(uid_t uid, core::Time now);

  // One transaction holds a batch of operations, each in a savepoint.
  void begin();
  // Durable when it returns; throws Error (unavailable) when it is not, and then all of it is undone. Where the disk
  // stays broken until after reopen() or the daemon's end, the batch may come back: whole, never in part.
  // Gives the transaction's events, in order; before that of a user's removal also one, which the journal does not have
  // (number 0), for each factor that went along.
  std::vector<Event> commit();
  void rollback();  // noexcept in effect: what cannot be rolled back any more is gone already
  // False again after commit and rollback, and where SQLite itself gave the transaction up (full disk, I/O error).
  bool in_transaction() const;
  // Runs `operation` in a savepoint: undone, and the exception passed on, if it throws.
  template <typename Operation>
  auto savepoint(Operation&& operation) {
    SavepointGuard guard(*this);
    if constexpr (std::is_void_v<decltype(operation())>) {
      operation();
      guard.release();
    } else {
      auto result = operation();
      guard.release();
      return result;
    }
  }

  // Closes the connection and opens it anew: after a failed sync nothing that the old one knows can be trusted.
  void reopen();

  // Users of whose latest uses of factors only the journal tells. fold() writes those of at most `limit` users into the
  // rows, in a transaction of its own, not while another is open. What comes after it is read at the next opening.
  std::size_t unfolded() const;
  bool owes_folding() const;
  void fold(std::size_t limit);

  // Sealed rows were removed since the log was last emptied: they still lie in it.
  bool owes_truncation() const;
  // Writes the log back and empties it, so that what was removed is gone from it too. Puts it off where a transaction
  // is open or another process reads.
  void truncate_wal();

 private:
  friend class OwnerView;
  class SavepointGuard {
   public:
    explicit SavepointGuard(Store& store);
    ~SavepointGuard();
    void release();

   private:
    Store& store_;
    bool open_ = true;
    std::size_t events_ = 0, uses_ = 0;  // there were so many before
  };
  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace factord::storage

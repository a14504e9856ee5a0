// SPDX-License-Identifier: Apache-2.0
// A store in a directory of its own, and the view that a stranger with SQLite has of it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/secret.hpp"
#include "storage/owner_view.hpp"
#include "storage/sqlite.hpp"
#include "storage/store.hpp"
#include "tests/support/fixed.hpp"
#include "tests/support/mint.hpp"

namespace factord::tests {

class Directory {
 public:
  Directory();
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::filesystem::path path() const { return path_; }
  std::filesystem::path file() const { return path_ / "factord.db"; }
  std::map<std::string, std::string> files() const;  // name to content; without the -shm index, which is no data

 private:
  std::filesystem::path path_;
};

std::string content(const std::filesystem::path& file);
void write(const std::filesystem::path& file, const std::string& content);

// The directory with its store, which closes and opens again as often as a test likes.
struct Place {
  Directory directory;
  CountingRandom random;
  core::Secret key = core::Secret::random(32, random);
  std::unique_ptr<storage::Store> store;

  Place() { open(); }
  // Where another store's files lie, by their names: what another daemon has left.
  explicit Place(const std::map<std::string, std::string>& files);
  storage::Store& open(const core::Secret* with = nullptr);
  void close() { store.reset(); }
  // Closes the store, changes its file behind its back, opens it again.
  void tamper(const std::string& sql);

  // Runs in a transaction of its own.
  template <typename Operation>
  auto commit(Operation operation) {
    store->begin();
    if constexpr (std::is_void_v<decltype(operation())>) {
      operation();
      store->commit();
    } else {
      auto result = operation();
      store->commit();
      return result;
    }
  }
};

// Runs in a process that ends at once behind it, as if killed: nothing is closed, nothing cleaned up. Its wait status;
// not 0 where it threw.
int in_child(const std::function<void()>& body);

// The reason for which `operation` fails, by its id; "" where it does not fail.
std::string failure_of(const std::function<void()>& operation);
std::string cause_of(const std::function<void()>& operation);

inline core::Time at(std::int64_t seconds) { return core::Time(std::chrono::seconds(1'770'000'000 + seconds)); }
inline storage::Change change(std::int64_t seconds = 0) { return {at(seconds), 1000}; }

storage::Factor passkey(const std::string& id, const std::string& credential_id);
storage::Factor totp(const std::string& id);
storage::Factor recovery_codes(const std::string& id);  // two
core::Bytes seed();
// What the store has; only in tests it is taken out of its place.
core::Bytes seed_of(storage::OwnerView view, const std::string& id);

}  // namespace factord::tests

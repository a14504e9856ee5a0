// SPDX-License-Identifier: Apache-2.0
// Seals what a row holds, for that row alone: XChaCha20-Poly1305 with the row's place as associated data, so that
// sealed bytes copied to another row, user, table, store or version do not open. Padded, so that lengths do not tell a
// passkey from a TOTP secret. Private to storage; on the loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "core/random.hpp"
#include "core/secret.hpp"
#include "storage/keyring.hpp"

namespace factord::storage {

// The numbers stand in the associated data.
enum class Table : std::uint8_t { store = 1, owner = 2, factor = 3, seed = 4, journal = 5, budget = 6, code = 7 };

struct Place {
  Table table;
  std::int64_t row;
  std::int64_t owner;  // the owner's row; 0 where there is none
  std::uint64_t version;
};

inline constexpr std::size_t largest_seed = 4096 - 2;

class Sealer {
 public:
  Sealer(std::shared_ptr<const Keyring> keyring, core::ByteView store_id, core::Random& random);

  core::Bytes seal(const Place& place, std::string_view record);
  // Throws Error (record_damaged) where the bytes were not sealed for this place.
  std::string open(const Place& place, core::ByteView sealed) const;

  // Seeds go from Secret to sealed bytes and back without a copy in ordinary memory. An empty seed is sealed too:
  // every row has one, so that nobody sees which rows are TOTP.
  core::Bytes seal_seed(const Place& place, core::ByteView seed);
  // `look` must keep nothing of it, nor seal or open another.
  void with_seed(const Place& place, core::ByteView sealed, const std::function<void(core::ByteView)>& look);

  core::Random& random() { return random_; }
  const Keyring& keyring() const { return *keyring_; }

 private:
  core::Bytes close(const Place& place, core::ByteView plain);
  bool unseal(const Place& place, core::ByteView sealed, std::uint8_t* plain) const;

  std::shared_ptr<const Keyring> keyring_;
  core::Bytes store_id_;
  core::Random& random_;
  core::Secret padded_seed_;  // made once: a Secret per seed would cost more than all else
};

}  // namespace factord::storage

// SPDX-License-Identifier: Apache-2.0
// The keys: a master key opens a key slot, which wraps the random data key, from which every use has a sub-key of its
// own. Private to storage. So a slot comes and goes, and the master key changes, without any record being resealed.
#pragma once

#include <cstdint>
#include <optional>

#include "core/random.hpp"
#include "core/secret.hpp"

namespace factord::storage {

inline constexpr std::size_t key_size = 32;
inline constexpr std::size_t store_id_size = 16;

// The numbers stand in stored rows.
enum class SlotType : std::int64_t { credential = 1 };

struct KeySlot {
  std::int64_t row;
  SlotType type;
  std::uint32_t generation;  // of the data key in it
  core::Bytes wrapped;
};

// Fills slot.wrapped. The slot's place and the store's id are bound into it.
void wrap(KeySlot& slot, core::ByteView store_id, const core::Secret& data_key, const core::Secret& master_key,
          core::Random& random);

// Nothing where this master key does not open this slot.
std::optional<core::Secret> unwrap(const KeySlot& slot, core::ByteView store_id, const core::Secret& master_key);

// One for each use; the order is that of the contexts in keyring.cpp.
enum class SubKey : std::size_t { store, owner, factor, seed, journal, lookup, chain, budget, code, code_hash };

class Keyring {
 public:
  Keyring(const core::Secret& data_key, std::uint32_t generation);

  core::ByteView key(SubKey use) const;
  std::uint32_t generation() const { return generation_; }

 private:
  core::Secret keys_;  // all in one: each Secret costs pages
  std::uint32_t generation_;
};

}  // namespace factord::storage

// SPDX-License-Identifier: Apache-2.0
// Keys of credentials that signed lately, ready to verify with. Owned by whoever has assertions verified, one for all
// its workers: any number of threads may call at once, and none waits while another parses a key or verifies with one.
// It promises nothing but speed: what it gives is what parsing the bytes would give.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"
#include "daemon/webauthn/verifying_key.hpp"

namespace factord::webauthn {

class KeyCache {
 public:
  // The key unused for longest goes when there are more. A key takes some 2 KB with all that it brings.
  explicit KeyCache(std::size_t capacity = 1'024) : capacity_(capacity) {}

  // The key that was registered as these bytes of COSE_Key; nothing if it does not parse, and then nothing is kept.
  std::optional<VerifyingKey> load(core::ByteView cose);

  // Whether the key is kept; looking does not count as use.
  bool holds(core::ByteView cose) const;
  std::size_t size() const;

 private:
  struct Entry {
    core::Bytes cose;
    VerifyingKey key;
  };
  using Entries = std::list<Entry>;

  std::optional<VerifyingKey> find(core::ByteView cose);
  void keep(core::ByteView cose, const VerifyingKey& key);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  Entries entries_;                                        // the one used last comes first
  std::map<std::string_view, Entries::iterator> by_cose_;  // the whole bytes, as the entry holds them
};

}  // namespace factord::webauthn

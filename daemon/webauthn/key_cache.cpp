// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/key_cache.hpp"

namespace factord::webauthn {

std::optional<VerifyingKey> KeyCache::load(core::ByteView cose) {
  if (auto known = find(cose)) return known;
  auto key = VerifyingKey::from_cose(cose, KeyCheck::done_before);
  if (key) keep(cose, *key);
  return key;
}

bool KeyCache::holds(core::ByteView cose) const {
  const std::lock_guard lock(mutex_);
  return by_cose_.contains(core::text_of(cose));
}

std::size_t KeyCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::optional<VerifyingKey> KeyCache::find(core::ByteView cose) {
  const std::lock_guard lock(mutex_);
  const auto found = by_cose_.find(core::text_of(cose));
  if (found == by_cose_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->key;
}

void KeyCache::keep(core::ByteView cose, const VerifyingKey& key) {
  Entries made, dropped;  // made before the lock is taken, ended after it is left
  made.push_back({core::Bytes(cose.begin(), cose.end()), key});
  const std::lock_guard lock(mutex_);
  // Another thread may have kept it meanwhile
  if (!by_cose_.emplace(core::text_of(made.front().cose), made.begin()).second) return;
  entries_.splice(entries_.begin(), made);
  if (entries_.size() <= capacity_) return;
  by_cose_.erase(core::text_of(entries_.back().cose));
  dropped.splice(dropped.begin(), entries_, std::prev(entries_.end()));
}

}  // namespace factord::webauthn

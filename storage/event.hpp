// SPDX-License-Identifier: Apache-2.0
// Events of the journal, factord's own audit trail: one per change, in the same transaction. No secrets in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "storage/factor.hpp"

namespace factord::storage {

// The numbers stand in stored records (storage/record.proto) and never change.
enum class EventType : std::uint8_t {
  user_added = 1,
  user_removed = 2,
  user_rebound = 3,
  user_locked = 4,
  user_unlocked = 5,
  codes_locked = 6,  // of a kind: too many wrong ones
  factor_added = 10,
  factor_verified = 11,
  factor_removed = 12,
  factor_renamed = 13,
  factor_used = 14,
  factor_suspended = 15,
  factor_resumed = 16,
  factor_quarantined = 17,
  recovery_low = 18,  // few codes of a set are left
  registration_code_added = 20,
};

// Who does it, and when. Time is passed in: storage has no clock.
struct Change {
  core::Time at;
  std::uint32_t actor;  // uid of the caller
};

// Where the user's journal stands: after a change the event it added; on reads the user's last one. Zeros: none yet.
struct Position {
  std::uint64_t sequence = 0;  // per user, from 1, without gaps
  core::Time changed{};        // time of that event
  core::Time created{};        // time of the first event of the object the call was about
};

// What a check that succeeded leaves behind.
struct Use {
  std::uint64_t count = 0;            // how often the factor was used, this time included
  std::optional<std::uint64_t> step;  // TOTP: the time step of the code
  std::uint32_t sign_count = 0;       // passkey, u2f: what the authenticator says; 0 where it does not count
  bool backed_up = false;
  std::string source{};  // where the attempt came from, as the caller has said
};

// One entry of the journal.
struct Event {
  std::uint64_t number = 0;  // in the whole journal, from 1, without gaps; 0: see Store::commit()
  EventType type{};
  core::Time at{};
  std::uint32_t actor = 0;
  std::string organization;
  std::string user_id;
  std::uint64_t sequence = 0;
  std::string factor_id;     // empty for events of the user
  std::optional<Kind> kind;  // of the factor
  std::optional<Use> use;    // factor_used
};

}  // namespace factord::storage

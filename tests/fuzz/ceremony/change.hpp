// SPDX-License-Identifier: Apache-2.0
// The changes that the ceremony fuzzer knows, each with the verdict that must come of it. That judgement is the table's
// own, from the steps of WebAuthn Level 3 and docs/webauthn-policy.md: it asks no code of the daemon.
#pragma once

#include <span>
#include <vector>

#include "tests/fuzz/ceremony/scene.hpp"

namespace factord::fuzz {

// What a change touches. Two changes of one part could undo each other, so a ceremony gets one of each.
enum class Part {
  type,
  challenge,
  origin,
  framing,
  client_data_members,
  client_data_text,
  outer_members,
  outer_text,
  outer_copies,
  base64,
  id,
  allowed,
  user,
  scope,
  flags,
  reserved_flags,
  counter,
  aaguid,
  extent,
  key,
  offer,
  object,
  statement,
  certificate,
  attestation_signature,
  signature,
  after_signing,
};

// In place of a step: it must stay accepted, the change is not for this ceremony, or apply() calls Scene::refuse().
inline constexpr const char *accepted = "ok", *unfit = "", *judged = "?";

struct Change {
  const char* name;
  Part part;
  const char* step_7_1;  // which refuses it in a registration; a section of chapter 8; several with blanks between
  const char* step_7_2;  // in an assertion
  void (*apply)(Scene&, Choices&);
  bool (*fits)(const Scene&) = nullptr;  // beyond the kind of ceremony; null: always

  const char* step(const Scene& scene) const { return scene.registering ? step_7_1 : step_7_2; }
  bool possible(const Scene& scene) const { return *step(scene) != '\0' && (fits == nullptr || fits(scene)); }
};

std::span<const Change> client_data_changes();
std::span<const Change> outer_changes();
std::span<const Change> authenticator_data_changes();
std::span<const Change> key_changes();
std::span<const Change> statement_changes();
std::span<const Change> signature_changes();
std::span<const Change> policy_changes();

// All of them, in a fixed order.
const std::vector<Change>& all_changes();

}  // namespace factord::fuzz

// SPDX-License-Identifier: Apache-2.0
// Section 8.9, compound attestation statement format: several statements about one credential. How many of them have
// to be good is left to the relying party; here all of them have to, and all of their trust paths count.
#include <iterator>

#include "daemon/webauthn/attestation_formats.hpp"

namespace factord::webauthn {
namespace {

constexpr std::size_t least = 2;
constexpr std::size_t most = 8;  // each may cost a signature; real ones have two

AttestationVerdict judge_part(const CborValue& part, const AttestedRegistration& made) {
  const auto format = part.find("fmt");
  const auto statement = part.find("attStmt");
  if (!has_only(part, {"fmt", "attStmt"}) || !format || !format->is(CborValue::Kind::text) || !statement)
    return refused("8.9", "a part is not a format and its statement");
  if (format->text() == "compound") return refused("8.9", "a part is compound itself");
  if (!known_attestation_format(format->text())) return refused("8.9", "a part's format is not known");
  return judge_attestation(format->text(), *statement, made);
}

}  // namespace

AttestationVerdict judge_compound(const CborValue& statement, const AttestedRegistration& made) {
  if (statement.number < least || statement.number > most) return refused("8.9", "too few parts, or too many");
  Attestation all;
  for (const CborValue& part : statement.items()) {
    auto verdict = judge_part(part, made);
    auto* good = std::get_if<Attestation>(&verdict);
    if (good == nullptr) return verdict;
    all.leaves_aaguid_out = all.leaves_aaguid_out || good->leaves_aaguid_out;
    std::move(good->trust_paths.begin(), good->trust_paths.end(), std::back_inserter(all.trust_paths));
  }
  return all;
}

}  // namespace factord::webauthn

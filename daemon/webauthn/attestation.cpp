// SPDX-License-Identifier: Apache-2.0
// The table of formats. Format android-safetynet (section 8.5) is not in it, by choice: Google has shut the service
// down that its statements come from, and its certificates have expired.
#include "daemon/webauthn/attestation.hpp"

#include <algorithm>

#include "daemon/webauthn/attestation_formats.hpp"

namespace factord::webauthn {
namespace {

using Kind = CborValue::Kind;

struct Format {
  std::string_view name;
  Kind statement;
  AttestationJudge* judge;
};

constexpr Format formats[] = {{"none", Kind::map, judge_none},
                              {"packed", Kind::map, judge_packed},
                              {"fido-u2f", Kind::map, judge_fido_u2f},
                              {"tpm", Kind::map, judge_tpm},
                              {"android-key", Kind::map, judge_android_key},
                              {"apple", Kind::map, judge_apple},
                              {"compound", Kind::array, judge_compound}};

const Format* find_format(std::string_view name) {
  const auto* found = std::find_if(std::begin(formats), std::end(formats), [&](auto& one) { return one.name == name; });
  return found == std::end(formats) ? nullptr : found;
}

}  // namespace

bool known_attestation_format(std::string_view format) { return find_format(format) != nullptr; }

AttestationVerdict judge_attestation(std::string_view format, const CborValue& statement,
                                     const AttestedRegistration& registration) {
  const Format& found = *find_format(format);
  if (!statement.is(found.statement)) return refused("22", "the statement is not of its format's kind");
  return found.judge(statement, registration);
}

Refusal refused(const char* section, const char* reason) { return {Refusal::Kind::failed, section, reason}; }

Attestation vouched_for_by(CertificateChain chain) {
  Attestation out;
  out.trust_paths.push_back(std::move(chain));
  return out;
}

bool has_only(const CborValue& map, std::initializer_list<std::string_view> names) {
  bool key = true;
  for (const CborValue& item : map.items()) {
    const bool named =
        item.is(CborValue::Kind::text) && std::find(names.begin(), names.end(), item.text()) != names.end();
    if (key && !named) return false;
    key = !key;
  }
  return true;
}

}  // namespace factord::webauthn

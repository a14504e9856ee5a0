// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/client_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "daemon/webauthn/strict_json.hpp"

namespace factord::webauthn {
namespace {

constexpr std::size_t max_size = 32'768;  // browsers write some 200 bytes
constexpr std::array<std::string_view, 5> wanted{"type", "challenge", "origin", "crossOrigin", "topOrigin"};

using Kind = JsonValue::Kind;

struct Expected {
  ClientDataType type;
  std::string_view challenge;
  const RelyingParty& relying_party;
};

// `step` is that of 7.1; 7.2 does the same three steps later.
Refusal refusal(const Expected& expected, Refusal::Kind kind, int step, const char* reason) {
  return {kind, std::to_string(expected.type == ClientDataType::create ? step : step + 3), reason};
}

// "UTF-8 decode" drops a byte order mark; the hash is still taken over the bytes as sent.
std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
}

// An origin serializes its port in decimal, and leaves the scheme's own one out.
bool is_written_port(std::string_view scheme_and_host, std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '0' || port > 65'535) return false;
  return port != (scheme_and_host.starts_with("https:") ? 443 : 80);
}

bool matches(const AllowedOrigin& allowed, std::string_view origin) {
  if (origin == allowed.origin) return true;
  if (!allowed.any_port || !origin.starts_with(allowed.origin)) return false;
  const std::string_view rest = origin.substr(allowed.origin.size());
  return rest.starts_with(':') && is_written_port(allowed.origin, rest.substr(1));
}

using Verdict = const char*;  // why not; null: the step is passed

// Here and in the next two: what is no string has an empty text, which is never what is expected.
Verdict step_7_type(const JsonObject& data, const Expected& expected) {
  const std::string_view wanted_type = expected.type == ClientDataType::create ? "webauthn.create" : "webauthn.get";
  return data["type"].text == wanted_type ? nullptr : "type is not that of this ceremony";
}

// The text is compared, not what it decodes to: other spellings of the same bytes are not what was sent.
Verdict step_8_challenge(const JsonObject& data, const Expected& expected) {
  const bool same =
      core::equal_in_constant_time(core::bytes_of(data["challenge"].text), core::bytes_of(expected.challenge));
  return same ? nullptr : "challenge is another one";
}

Verdict step_9_origin(const JsonObject& data, const Expected& expected) {
  const std::string_view origin = data["origin"].text;
  const auto& allowed = expected.relying_party.origins;
  const bool right =
      std::any_of(allowed.begin(), allowed.end(), [&](const AllowedOrigin& one) { return matches(one, origin); });
  return right ? nullptr : "origin is not one of the relying party's";
}

Verdict step_10_cross_origin(const JsonObject& data, const Expected& expected) {
  const JsonValue& cross = data["crossOrigin"];
  if (cross.is(Kind::absent)) return nullptr;
  if (!cross.is(Kind::boolean)) return "crossOrigin is not a boolean";
  return !cross.truth || expected.relying_party.allow_cross_origin ? nullptr : "framed by another origin";
}

Verdict step_11_top_origin(const JsonObject& data, const Expected& expected) {
  const JsonValue& top = data["topOrigin"];
  if (top.is(Kind::absent)) return nullptr;
  const auto& allowed = expected.relying_party.top_origins;
  const bool right = expected.relying_party.allow_cross_origin && top.is(Kind::string) &&
                     std::find(allowed.begin(), allowed.end(), top.text) != allowed.end();
  return right ? nullptr : "topOrigin is not expected";
}

constexpr std::array steps{step_7_type, step_8_challenge, step_9_origin, step_10_cross_origin, step_11_top_origin};

}  // namespace

std::optional<Refusal> judge_client_data(core::ByteView client_data_json, ClientDataType type,
                                         std::string_view challenge, const RelyingParty& relying_party) {
  const Expected expected{type, challenge, relying_party};
  const std::string_view text = without_byte_order_mark(core::text_of(client_data_json));
  if (text.size() > max_size || !core::valid_utf8(text))  // step 5
    return refusal(expected, Refusal::Kind::unreadable, 5, "clientDataJSON is not UTF-8, or too long");
  const auto data = read_json_object(text, wanted);  // step 6
  if (!data) return refusal(expected, Refusal::Kind::unreadable, 6, "clientDataJSON is not one JSON object");
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (Verdict reason = steps[i](*data, expected))
      return refusal(expected, Refusal::Kind::failed, 7 + static_cast<int>(i), reason);
  return std::nullopt;
}

}  // namespace factord::webauthn

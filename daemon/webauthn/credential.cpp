// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/credential.hpp"

#include <array>
#include <string>

#include "core/base64url.hpp"

namespace factord::webauthn {
namespace {

using Kind = JsonValue::Kind;

// Without the spaces around it. The biggest real registrations, with a TPM's or an Android phone's chain of
// certificates, have some 20 KB; callers may send a mebibyte, and to refuse that must cost next to nothing.
constexpr std::size_t max_size = 131'072;

// What is not named here is read, judged as JSON, and dropped.
constexpr std::array<std::string_view, 13> wanted{"type",
                                                  "id",
                                                  "rawId",
                                                  "authenticatorAttachment",
                                                  "response",
                                                  "response.clientDataJSON",
                                                  "response.attestationObject",
                                                  "response.transports",
                                                  "response.authenticatorData",
                                                  "response.signature",
                                                  "response.userHandle",
                                                  "clientExtensionResults",
                                                  "clientExtensionResults.appid"};

// A thousand at a time, since the library compares those faster than any loop here does.
std::string_view without_spaces_around(std::string_view text) {
  static const std::string thousand(1'000, ' ');
  for (const std::string_view spaces : {std::string_view(thousand), std::string_view(" ")}) {
    while (text.starts_with(spaces)) text.remove_prefix(spaces.size());
    while (text.ends_with(spaces)) text.remove_suffix(spaces.size());
  }
  return text;
}

Refusal unreadable(const char* reason) { return {Refusal::Kind::unreadable, "3", reason}; }

// Step 3 of 7.1 and 7.2, as far as the outermost object goes. What is no string has an empty text; that rawId is none
// comes out when it is decoded.
const char* outer_defect(const JsonObject& outer) {
  const JsonValue& extensions = outer["clientExtensionResults"];
  const JsonValue& attachment = outer["authenticatorAttachment"];
  if (outer["type"].text != "public-key") return "type is not public-key";
  if (outer["id"].text != outer["rawId"].text) return "id and rawId are not one and the same";
  if (!outer["response"].is(Kind::object)) return "response is not an object";
  if (!extensions.is(Kind::object) && !extensions.is(Kind::absent)) return "clientExtensionResults is not an object";
  if (!attachment.is(Kind::string) && !attachment.is(Kind::null) && !attachment.is(Kind::absent))
    return "authenticatorAttachment is not a string";
  return nullptr;
}

}  // namespace

std::optional<core::Bytes> base64url_bytes(const JsonValue& member) {
  return member.is(Kind::string) ? core::from_base64url(member.text) : std::nullopt;
}

std::variant<Credential, Refusal> read_credential(std::string_view text) {
  if (text.size() > max_size) text = without_spaces_around(text);
  if (text.size() > max_size) return unreadable("too long");
  auto outer = read_json_object(text, wanted);
  if (!outer) return unreadable("not one JSON object");
  if (const char* defect = outer_defect(*outer)) return unreadable(defect);
  auto id = base64url_bytes((*outer)["rawId"]);
  if (!id || id->empty()) return unreadable("rawId is not base64url");
  auto client_data = base64url_bytes((*outer)["response.clientDataJSON"]);
  if (!client_data) return unreadable("clientDataJSON is not base64url");
  return Credential{std::move(*outer), std::move(*id), std::move(*client_data)};
}

}  // namespace factord::webauthn

// SPDX-License-Identifier: Apache-2.0
#include "daemon/webauthn/credential.hpp"

#include "core/base64url.hpp"

namespace factord::webauthn {
namespace {

using Kind = JsonValue::Kind;

Refusal unreadable(const char* reason) { return {Refusal::Kind::unreadable, "3", reason}; }

// Step 3 of 7.1 and 7.2, as far as the outermost object goes.
const char* outer_defect(const JsonValue& outer) {
  const std::string* type = outer.find_string("type");
  const std::string* id = outer.find_string("id");
  const std::string* raw_id = outer.find_string("rawId");
  const JsonValue* response = outer.find("response");
  const JsonValue* extensions = outer.find("clientExtensionResults");
  const JsonValue* attachment = outer.find("authenticatorAttachment");
  if (type == nullptr || *type != "public-key") return "type is not public-key";
  if (id == nullptr || raw_id == nullptr || *id != *raw_id) return "id and rawId are not one and the same";
  if (response == nullptr || !response->is(Kind::object)) return "response is not an object";
  if (extensions != nullptr && !extensions->is(Kind::object)) return "clientExtensionResults is not an object";
  if (attachment != nullptr && !attachment->is(Kind::string) && !attachment->is(Kind::null))
    return "authenticatorAttachment is not a string";
  return nullptr;
}

}  // namespace

std::optional<core::Bytes> find_base64url(const JsonValue& object, std::string_view name) {
  const std::string* text = object.find_string(name);
  return text == nullptr ? std::nullopt : core::from_base64url(*text);
}

std::variant<Credential, Refusal> read_credential(std::string_view text) {
  const auto outer = read_json_object(text);
  if (!outer) return unreadable("not one JSON object");
  if (const char* defect = outer_defect(*outer)) return unreadable(defect);
  Credential credential;
  credential.response = *outer->find("response");
  if (const JsonValue* extensions = outer->find("clientExtensionResults"))
    credential.client_extension_results = *extensions;
  auto id = find_base64url(*outer, "rawId");
  if (!id || id->empty()) return unreadable("rawId is not base64url");
  auto client_data = find_base64url(credential.response, "clientDataJSON");
  if (!client_data) return unreadable("clientDataJSON is not base64url");
  credential.id = std::move(*id);
  credential.client_data_json = std::move(*client_data);
  return credential;
}

}  // namespace factord::webauthn

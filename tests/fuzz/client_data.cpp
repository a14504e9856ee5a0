// SPDX-License-Identifier: Apache-2.0
// What is accepted says, to another reader of JSON, exactly what was expected.
#include "daemon/webauthn/client_data.hpp"

#include <cstring>
#include <nlohmann/json.hpp>

#include "tests/fuzz/oracle.hpp"

namespace factord::fuzz {
namespace {

using namespace webauthn;
using Json = nlohmann::json;

constexpr const char* challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
constexpr const char* origin = "https://example.org";
constexpr const char* frame = "https://frame.example";

RelyingParty relying_party(bool framed) {
  RelyingParty out;
  out.id = "example.org";
  out.origins = {{origin, true}};
  out.allow_cross_origin = framed;
  out.top_origins = {frame};
  return out;
}

bool accepted(core::ByteView text, ClientDataType type, bool framed) {
  return !judge_client_data(text, type, challenge, relying_party(framed));
}

bool is_origin(const std::string& text) {
  return text == origin || (text.starts_with(std::string(origin) + ":") && text.size() > std::strlen(origin) + 1);
}

void compare(const Json& data, ClientDataType type, bool framed) {
  promise(data.is_object(), "client data is an object");
  promise(data.at("type") == (type == ClientDataType::create ? "webauthn.create" : "webauthn.get"), "type is right");
  promise(data.at("challenge") == challenge, "the challenge is the one that was sent");
  promise(is_origin(data.at("origin")), "the origin is the relying party's");
  const Json cross = data.value("crossOrigin", Json(false));
  promise(cross.is_boolean() && (framed || !cross), "framed only where that is allowed");
  if (data.contains("topOrigin")) promise(framed && data.at("topOrigin") == frame, "framed by whom that is allowed");
}

void check(core::ByteView text, ClientDataType type, bool framed) {
  if (!accepted(text, type, framed)) return;
  promise(framed || accepted(text, type, true), "who may be framed need not be");
  try {
    compare(Json::parse(text.begin(), text.end()), type, framed);
  } catch (const Json::out_of_range&) {
    // The other reader keeps numbers as doubles, and has no place for 1e999 in a member that nobody reads
  } catch (const Json::exception& error) {
    promise(false, error.what());
  }
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord;
  using enum webauthn::ClientDataType;
  const core::ByteView text(data, size);
  for (const auto type : {create, get})
    for (const bool framed : {false, true}) fuzz::check(text, type, framed);
  return 0;
}

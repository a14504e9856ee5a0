// SPDX-License-Identifier: Apache-2.0
// Changes of the credential's outer JSON, which nothing signs: step 3, ids against each other (steps 13 and 6), the
// user handle, the allowed credentials and the AppID.
#include "core/base64url.hpp"
#include "tests/fuzz/ceremony/change.hpp"
#include "tests/fuzz/ceremony/spellings.hpp"

namespace factord::fuzz {
namespace {

void edit_outer(Scene& scene, std::function<void(Json&)> edit) { then(scene.made().edit_credential, edit); }

void set(Scene& scene, const char* member, const Json& value) {
  edit_outer(scene, [member, value](Json& outer) { outer[member] = value; });
}

void erase(Scene& scene, const char* member) {
  edit_outer(scene, [member](Json& outer) { outer.erase(member); });
}

void set_response(Scene& scene, const char* member, const Json& value) {
  edit_outer(scene, [member, value](Json& outer) {
    if (outer["response"].is_object()) outer["response"][member] = value;
  });
}

// A member of the response that holds bytes which this ceremony needs.
std::string needed_member(const Scene& scene, Choices& choices) {
  return scene.registering ? choices.of({"clientDataJSON", "attestationObject"})
                           : choices.of({"clientDataJSON", "authenticatorData", "signature"});
}

void bad_base64url(Scene& scene, Choices& choices) {
  edit_outer(scene, [member = needed_member(scene, choices), choices](Json& outer) {
    if (!outer["response"].is_object()) return;
    std::string text = outer["response"][member].get<std::string>();
    Choices rest = choices;
    break_base64url(text, rest);
    outer["response"][member] = text;
  });
}

void no_bytes(Scene& scene, Choices& choices) {
  static const Json none[] = {nullptr, 1, Json::array({1, 2}), Json::object(), false};
  edit_outer(scene,
             [member = needed_member(scene, choices), value = choices.of(none), gone = choices.flip()](Json& outer) {
               if (!outer["response"].is_object()) return;
               if (gone)
                 outer["response"].erase(member);
               else
                 outer["response"][member] = value;
             });
}

void bad_id(Scene& scene, Choices& choices) {
  edit_outer(scene, [choices](Json& outer) {
    if (!outer["id"].is_string()) return;
    std::string text = outer["id"].get<std::string>();
    Choices rest = choices;
    break_base64url(text, rest);
    outer["id"] = outer["rawId"] = text;
  });
}

void members_of_another_kind(Scene& scene, Choices& choices) {
  const std::pair<const char*, Json> wrong[] = {{"type", "password"},
                                                {"type", "public-key "},
                                                {"type", nullptr},
                                                {"response", nullptr},
                                                {"response", "x"},
                                                {"response", Json::array()},
                                                {"response", 1},
                                                {"id", 1},
                                                {"rawId", nullptr},
                                                {"rawId", ""},
                                                {"clientExtensionResults", Json::array()},
                                                {"clientExtensionResults", nullptr},
                                                {"authenticatorAttachment", 1},
                                                {"authenticatorAttachment", Json::object()}};
  const auto& [member, value] = wrong[choices.below(std::size(wrong))];
  set(scene, member, value);
}

void members_that_nobody_reads(Scene& scene, Choices&) {
  set(scene, "novelty", Json{{"deep", {1, 2, {{"x", nullptr}}}}});
  set(scene, "authenticatorAttachment", nullptr);
  set_response(scene, "novelty", "x");
}

// Copies for browsers' own use, which nothing signs and nobody may believe.
void copies(Scene& scene, Choices& choices) {
  const Json wrong[] = {"AAAA", "====", 7, nullptr};
  set_response(scene, scene.registering ? "authenticatorData" : "attestationObject", choices.of(wrong));
  set_response(scene, "publicKey", choices.of(wrong));
  set_response(scene, "publicKeyAlgorithm", -257);
}

void text_edit(Scene& scene, Choices& choices, void (*edit)(std::string&, Choices&)) {
  then(scene.edit_text, [edit, choices](std::string& text) {
    Choices rest = choices;
    edit(text, rest);
  });
}

// 7.2 step 6. Without an identified user the handle is what identifies.
void user_handle(Scene& scene, Choices& choices) {
  const core::Bytes own{1, 2, 3};
  const core::Bytes handles[] = {own, {}, {1, 2}, {1, 2, 4}, core::Bytes(64, 1)};
  const bool given = choices.flip(), kept = choices.flip(), identified = choices.flip();
  if (given) scene.assertion.user_handle = choices.of(handles);
  if (!kept) scene.record.user_handle.reset();
  scene.assertion_expected.user_identified = identified;
  const bool good = !given ? identified : kept ? *scene.assertion.user_handle == own : identified;
  if (!good) scene.refuse("", "6");
}

void allow_credentials(Scene& scene, Choices& choices) {
  const core::Bytes own = scene.made().credential_id;
  core::Bytes longer = own, other = own;
  longer.push_back(0);
  other.back() ^= 1;
  scene.assertion_expected.allow_credentials = {longer, other, core::Bytes{}};
  if (choices.flip())
    scene.refuse("", "5");
  else
    scene.assertion_expected.allow_credentials.push_back(own);
}

// 7.2 step 15 with section 10.1.1: signed for the AppID that was sent, and said so.
void appid(Scene& scene, Choices& choices) {
  const std::string own = "https://example.org/app-id.json";
  const bool signed_for_it = choices.flip();
  const std::string sent = choices.of({"", "https://example.org/app-id.json", "https://example.org/other.json"});
  static const Json said[] = {true, false, nullptr, "true", 1};
  const Json says = choices.of(said);
  if (signed_for_it) scene.assertion.appid = own;
  scene.assertion_expected.appid = sent;
  edit_outer(scene, [says](Json& outer) {
    if (outer["clientExtensionResults"].is_object()) outer["clientExtensionResults"]["appid"] = says;
  });
  const bool used = signed_for_it && says == true && sent == own;
  const bool unused = !signed_for_it && says == false;
  if (!used && !unused) scene.refuse("", "15");
}

const Change changes[] = {
    {"bytes that are not base64url", Part::base64, "3", "3", bad_base64url},
    {"bytes that are not there", Part::base64, "3", "3", no_bytes},
    {"an id that is not base64url", Part::id, "3", "3", bad_id},
    {"another id beside rawId", Part::id, "3", "3", [](Scene& scene, Choices&) { set(scene, "id", "AAAA"); }},
    {"another rawId beside id", Part::id, "3", "3", [](Scene& scene, Choices&) { set(scene, "rawId", "AAAA"); }},
    {"no rawId", Part::id, "3", "3", [](Scene& scene, Choices&) { erase(scene, "rawId"); }},
    {"the id of another credential", Part::id, "13", "5 6",  // 5 where it is not among the allowed ones
     [](Scene& scene, Choices&) { edit_outer(scene, [](Json& outer) { outer["id"] = outer["rawId"] = "AAAA"; }); }},
    {"the record of another credential", Part::id, unfit, "6",
     [](Scene& scene, Choices&) { scene.record.credential_id.back() ^= 1; }},
    {"members of another kind", Part::outer_members, "3", "3", members_of_another_kind},
    {"members that nobody reads", Part::outer_members, accepted, accepted, members_that_nobody_reads},
    {"no extension results", Part::outer_members, accepted, accepted,
     [](Scene& scene, Choices&) { erase(scene, "clientExtensionResults"); },
     [](const Scene& scene) { return scene.registering; }},
    {"transports that are not known", Part::outer_members, accepted, unfit,
     [](Scene& scene, Choices&) {
       set_response(scene, "transports", {"usb", "carrier-pigeon", "", "usb"});
     }},
    {"transports that are no list of strings", Part::outer_members, "3", unfit,
     [](Scene& scene, Choices& choices) {
       static const Json wrong[] = {"usb", Json::array({"usb", 1}), Json::object(), 7, Json::array({nullptr})};
       set_response(scene, "transports", choices.of(wrong));
     }},
    {"copies that are wrong", Part::outer_copies, accepted, accepted, copies},
    {"another spelling", Part::outer_text, accepted, accepted,
     [](Scene& scene, Choices& choices) { text_edit(scene, choices, respell_json); }},
    {"a byte order mark", Part::outer_text, "3", "3",
     [](Scene& scene, Choices&) { then(scene.edit_text, [](std::string& text) { text.insert(0, "\xef\xbb\xbf"); }); }},
    {"broken JSON", Part::outer_text, "3", "3",
     [](Scene& scene, Choices& choices) { text_edit(scene, choices, break_json); }},
    {"broken UTF-8", Part::outer_text, "3", "3",
     [](Scene& scene, Choices& choices) { text_edit(scene, choices, break_utf8); }},
    {"user handles", Part::user, unfit, judged, user_handle},
    {"a user handle that is not base64url", Part::user, unfit, "3",
     [](Scene& scene, Choices&) { set_response(scene, "userHandle", "AQID="); }},
    {"no user handle, said so", Part::user, unfit, accepted,
     [](Scene& scene, Choices&) { set_response(scene, "userHandle", nullptr); }},
    {"credentials that are allowed", Part::allowed, unfit, judged, allow_credentials},
    {"an AppID", Part::scope, unfit, judged, appid},
};

}  // namespace

std::span<const Change> outer_changes() { return changes; }

}  // namespace factord::fuzz

// SPDX-License-Identifier: Apache-2.0
// Changes of the client data: steps 5 to 11 of section 7.1, 8 to 14 of section 7.2.
#include "tests/fuzz/ceremony/change.hpp"
#include "tests/fuzz/ceremony/spellings.hpp"

namespace factord::fuzz {
namespace {

void set(Scene& scene, const char* member, const Json& value) {
  then(scene.made().edit_client_data, [member, value](Json& data) { data[member] = value; });
}

void erase(Scene& scene, const char* member) {
  then(scene.made().edit_client_data, [member](Json& data) { data.erase(member); });
}

const Json no_strings[] = {nullptr, 7, true, Json::array({"x"}), Json::object()};

void wrong_type(Scene& scene, Choices& choices) {
  const char* opposite = scene.registering ? "webauthn.get" : "webauthn.create";
  const Json wrong[] = {opposite,          "",
                        "Webauthn.create", "webauthn.create ",
                        "webauthn",        "webauthn.gett",
                        "payment.get",     std::string("webauthn.get\0", 13)};
  set(scene, "type", choices.of(wrong));
}

void wrong_challenge(Scene& scene, Choices& choices) {
  std::string text = scene.made().challenge;
  switch (choices.below(8)) {
    case 0:
      text[choices.below(text.size())] = '_';
      break;
    case 1:
      text += "=";
      break;
    case 2:
      text.pop_back();
      break;
    case 3:
      text += choices.of({"A", " ", "\n", "AAAA"});
      break;
    case 4:
      text.clear();
      break;
    case 5:  // 32 bytes leave two bits over, which a lenient reader drops
      text.back() = '9';
      break;
    case 6:
      for (char& c : text) c = static_cast<char>(std::tolower(c));
      break;
    default:
      text += '\0';
  }
  set(scene, "challenge", text);
}

void another_was_sent(Scene& scene, Choices& choices) {
  std::string& sent = scene.registering ? scene.registration_expected.challenge : scene.assertion_expected.challenge;
  sent[choices.below(sent.size())] = '_';
}

void wrong_origin(Scene& scene, Choices& choices) {
  set(scene, "origin",
      choices.of({"https://evil.example", "http://example.org", "https://example.org/", "https://example.org.",
                  "https://example.org:443", "https://example.org:8443", "https://EXAMPLE.org",
                  "https://sub.example.org", "https://example.org.evil.example", "https://example.org@evil.example",
                  "https://example.or", " https://example.org", "example.org", "null", "", "https://xn--example.org",
                  "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}));
}

struct Port {
  const char* text;
  bool https_good, http_good;
};

// How a browser writes the port of an origin: decimal, without zeros before it, its own default left out.
constexpr Port ports[] = {{"", true, true},         {":8443", true, true},     {":1", true, true},
                          {":65535", true, true},   {":80", true, false},      {":443", false, true},
                          {":0", false, false},     {":", false, false},       {":080", false, false},
                          {":65536", false, false}, {":-1", false, false},     {":+1", false, false},
                          {":1 ", false, false},    {":1/", false, false},     {":1@evil.example", false, false},
                          {":0x50", false, false},  {".evil:1", false, false}, {":4294967297", false, false}};

void any_port(Scene& scene, Choices& choices) {
  const bool https = choices.flip();
  const std::string host = https ? "https://example.org" : "http://localhost";
  scene.relying_party().origins = {{"https://elsewhere.example", true}, {host, true}};
  const Port port = choices.of(ports);
  if (!(https ? port.https_good : port.http_good)) scene.refuse("9", "12");
  set(scene, "origin", host + port.text);
}

// Steps 10 and 11 belong together: whether framing is expected decides both.
void framing(Scene& scene, Choices& choices) {
  const Json crosses[] = {false, true, nullptr, "true", 1};
  const Json tops[] = {"https://frame.example", "https://other.example", "https://frame.example/", nullptr, ""};
  const bool expected = choices.flip(), tell = choices.flip(), top_told = choices.flip();
  const Json cross = choices.of(crosses), top = choices.of(tops);
  scene.relying_party().allow_cross_origin = expected;
  scene.relying_party().top_origins = {"https://frame.example"};
  tell ? set(scene, "crossOrigin", cross) : erase(scene, "crossOrigin");
  if (top_told) set(scene, "topOrigin", top);
  if (tell && (!cross.is_boolean() || (cross == true && !expected))) scene.refuse("10", "13");
  if (top_told && (!expected || top != "https://frame.example")) scene.refuse("11", "14");
}

void text_edit(Scene& scene, Choices& choices, void (*edit)(std::string&, Choices&)) {
  then(scene.made().edit_client_data_text, [edit, choices](std::string& text) {
    Choices rest = choices;
    edit(text, rest);
  });
}

void pad_to(Scene& scene, std::size_t size) {
  then(scene.made().edit_client_data_text, [size](std::string& text) {
    if (text.size() < size) text.append(size - text.size(), ' ');
  });
}

constexpr std::size_t longest = 32'768;

const Change changes[] = {
    {"the type of something else", Part::type, "7", "10", wrong_type},
    {"a type that is no string", Part::type, "7", "10",
     [](Scene& scene, Choices& choices) { set(scene, "type", choices.of(no_strings)); }},
    {"no type", Part::type, "7", "10", [](Scene& scene, Choices&) { erase(scene, "type"); }},
    {"another challenge", Part::challenge, "8", "11", wrong_challenge},
    {"another challenge was sent", Part::challenge, "8", "11", another_was_sent},
    {"a challenge that is no string", Part::challenge, "8", "11",
     [](Scene& scene, Choices& choices) { set(scene, "challenge", choices.of(no_strings)); }},
    {"no challenge", Part::challenge, "8", "11", [](Scene& scene, Choices&) { erase(scene, "challenge"); }},
    {"another origin", Part::origin, "9", "12", wrong_origin},
    {"an origin that is no string", Part::origin, "9", "12",
     [](Scene& scene, Choices& choices) { set(scene, "origin", choices.of(no_strings)); }},
    {"no origin", Part::origin, "9", "12", [](Scene& scene, Choices&) { erase(scene, "origin"); }},
    {"no origin is allowed", Part::origin, "9", "12",
     [](Scene& scene, Choices&) { scene.relying_party().origins.clear(); }},
    {"another allowed origin", Part::origin, accepted, accepted,
     [](Scene& scene, Choices&) { set(scene, "origin", "https://app.example.org"); }},
    {"a port where any is allowed", Part::origin, judged, judged, any_port},
    {"framed, or not", Part::framing, judged, judged, framing},
    {"members that nobody reads", Part::client_data_members, accepted, accepted,
     [](Scene& scene, Choices&) {
       set(scene, "tokenBinding", Json{{"status", "supported"}});
       set(scene, "other_keys_can_be_added_here", "do not compare clientDataJSON against a template");
     }},
    {"members in another order", Part::client_data_members, accepted, accepted,
     [](Scene& scene, Choices&) {
       then(scene.made().edit_client_data, [](Json& data) {
         Json turned = Json::object();
         for (auto member = data.rbegin(); member != data.rend(); ++member) turned[member.key()] = member.value();
         data = turned;
       });
     }},
    {"another spelling", Part::client_data_text, accepted, accepted,
     [](Scene& scene, Choices& choices) { text_edit(scene, choices, respell_json); }},
    {"a byte order mark", Part::client_data_text, accepted, accepted,
     [](Scene& scene, Choices&) {
       then(scene.made().edit_client_data_text, [](std::string& text) { text.insert(0, "\xef\xbb\xbf"); });
     }},
    {"broken JSON", Part::client_data_text, "5 6", "8 9",
     [](Scene& scene, Choices& choices) { text_edit(scene, choices, break_json); }},
    {"broken UTF-8", Part::client_data_text, "5", "8",
     [](Scene& scene, Choices& choices) { text_edit(scene, choices, break_utf8); }},
    {"as long as may be", Part::client_data_text, accepted, accepted,
     [](Scene& scene, Choices&) { pad_to(scene, longest); }},
    {"too long", Part::client_data_text, "3 5", "3 8",
     [](Scene& scene, Choices& choices) { pad_to(scene, longest + 1 + choices.below(70'000)); }},
};

}  // namespace

std::span<const Change> client_data_changes() { return changes; }

}  // namespace factord::fuzz

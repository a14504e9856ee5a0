// SPDX-License-Identifier: Apache-2.0
// Changes of the attestation object (step 13), of its statement (steps 21 and 22, chapter 8) and of the certificate in
// it (section 8.2.1). A statement of U2F signs neither flags nor AAGUID, and none signs nothing.
#include <algorithm>

#include "tests/fuzz/ceremony/change.hpp"
#include "tests/fuzz/ceremony/spellings.hpp"

namespace factord::fuzz {
namespace {

namespace cbor = tests::cbor;
using core::Bytes;
using tests::Format;

bool none(const Scene& scene) { return scene.format() == Format::none; }
bool packed(const Scene& scene) {
  return scene.format() == Format::packed_self || scene.format() == Format::packed_x5c;
}
bool u2f(const Scene& scene) { return scene.format() == Format::fido_u2f; }
bool compound(const Scene& scene) { return scene.format() == Format::compound; }
bool one_map(const Scene& scene) { return !compound(scene); }
bool with_members(const Scene& scene) { return !none(scene) && !compound(scene); }
bool with_signature(const Scene& scene) { return with_members(scene) && scene.format() != Format::apple; }
bool with_certificate(const Scene& scene) { return scene.format() == Format::packed_x5c || u2f(scene); }
bool packed_with_certificate(const Scene& scene) { return scene.format() == Format::packed_x5c; }

const char* section(const Scene& scene) { return section_of(scene.format()); }

void edit_statement(Scene& scene, std::function<void(Entries&)> edit) { then(scene.registration.edit_statement, edit); }
void edit_object(Scene& scene, std::function<void(Entries&)> edit) {
  then(scene.registration.edit_attestation_object, edit);
}

Entries::iterator find(Entries& entries, const char* name) {
  return std::ranges::find(entries, cbor::text(name), &Entries::value_type::first);
}

void set(Entries& entries, const char* name, const Bytes& value) {
  if (const auto found = find(entries, name); found != entries.end()) found->second = value;
}

void erase(Entries& entries, const char* name) {
  if (const auto found = find(entries, name); found != entries.end()) entries.erase(found);
}

void missing_statement_member(Scene& scene, Choices& choices) {
  scene.refuse(section(scene), "");
  edit_statement(scene, [which = choices.below(3)](Entries& entries) {
    // Without its x5c, a statement with a certificate would be self attestation, by another key
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(which % entries.size()));
  });
}

void more_statement_members(Scene& scene, Choices& choices) {
  scene.refuse(section(scene), "");
  const Bytes label =
      choices.flip() ? cbor::text(choices.of({"ecdaaKeyId", "Alg", "Ver", "", "sig "})) : cbor::integer(1);
  edit_statement(scene, [label](Entries& entries) { entries.emplace_back(label, cbor::bytes(Bytes{1})); });
}

void wrong_statement_member(Scene& scene, Choices& choices) {
  const bool u2f_alone = u2f(scene);
  scene.refuse(section(scene), "");
  const Bytes no_number[] = {cbor::text("ES256"), cbor::integer(-65535), cbor::integer(0), Bytes{0xf6},
                             cbor::integer(7)};
  const Bytes no_bytes[] = {cbor::text("x"), cbor::integer(1), cbor::bytes({}), cbor::array({cbor::bytes(Bytes(64))})};
  if (!u2f_alone && choices.flip())
    return edit_statement(scene, [value = choices.of(no_number)](Entries& entries) { set(entries, "alg", value); });
  edit_statement(scene, [value = choices.of(no_bytes)](Entries& entries) { set(entries, "sig", value); });
}

void wrong_x5c(Scene& scene, Choices& choices) {
  scene.refuse(section(scene), "");
  const Bytes junk = cbor::bytes(Bytes(100, 0x30));
  const Bytes wrong[] = {cbor::array({}),
                         cbor::map({}),
                         cbor::integer(1),
                         Bytes{0xf6},
                         junk,
                         cbor::array({junk}),
                         cbor::array({cbor::text("x")}),
                         cbor::array({cbor::bytes({})})};
  edit_statement(scene, [value = choices.of(wrong)](Entries& entries) {
    erase(entries, "x5c");
    entries.emplace_back(cbor::text("x5c"), value);
  });
}

void bad_statement_encoding(Scene& scene, Choices& choices) {
  edit_statement(scene, [choices](Entries& entries) {
    Choices rest = choices;
    auto& [label, value] = entries[rest.below(entries.size())];
    const std::size_t where = rest.below(3);
    if (where == 0)
      label = bad_cbor(label, rest);
    else if (where == 1)
      value = bad_cbor(value, rest);
    else
      entries.push_back(entries.front());
  });
}

void no_map(Scene& scene, Choices& choices) {
  const Bytes wrong[] = {cbor::array({}), cbor::bytes({}), cbor::integer(0), Bytes{0xf6}, cbor::text("")};
  edit_object(scene, [value = choices.of(wrong)](Entries& entries) { set(entries, "attStmt", value); });
}

struct Label {
  const char* name;
  const char* refused_at;  // an unknown format is refused at 21
};
constexpr Label labels[] = {{"none", "8.7"},    {"packed", "8.2 8.2.1"}, {"fido-u2f", "8.6"},
                            {"tpm", "8.3"},     {"android-key", "8.4"},  {"apple", "8.8"},
                            {"compound", "22"}, {"Packed", "21"},        {"", "21"},
                            {"none ", "21"},    {"novelty", "21"},       {"android-safetynet", "21"}};

// A compound statement is a list, all others are maps: step 22 refuses one for the other.
void another_format(Scene& scene, Choices& choices) {
  Label label = choices.of(labels);
  const bool own = compound(scene) ? label.name == std::string_view("compound")
                                   : std::string_view(label.refused_at).starts_with(section(scene));
  if (own) label = none(scene) ? labels[1] : labels[0];
  const bool known = label.refused_at != std::string_view("21");
  scene.refuse(known && compound(scene) ? "22" : label.refused_at, "");
  edit_object(scene, [label](Entries& entries) { set(entries, "fmt", cbor::text(label.name)); });
}

void missing_object_member(Scene& scene, Choices& choices) {
  edit_object(scene,
              [name = choices.of({"fmt", "attStmt", "authData"})](Entries& entries) { erase(entries, name.c_str()); });
}

void wrong_object_member(Scene& scene, Choices& choices) {
  const Bytes wrong[] = {cbor::integer(1), cbor::array({}), Bytes{0xf6}};
  edit_object(scene, [name = choices.of({"fmt", "authData"}), value = choices.of(wrong)](Entries& entries) {
    set(entries, name.c_str(), value);
  });
}

void bad_object_encoding(Scene& scene, Choices& choices) {
  edit_object(scene, [choices](Entries& entries) {
    Choices rest = choices;
    auto& [label, value] = entries[rest.below(entries.size())];
    const std::size_t where = rest.below(4);
    Bytes deep(20, 0x81);
    deep.push_back(0);
    if (where == 0) label = bad_cbor(label, rest);
    if (where == 1) value = bad_cbor(value, rest);
    if (where == 2) entries.push_back(entries.front());
    if (where == 3) entries.emplace_back(cbor::text("x"), deep);
  });
}

void bad_object_bytes(Scene& scene, Choices& choices) {
  edit_response_bytes(scene, "attestationObject", [choices](Bytes& object) {
    Choices rest = choices;
    const std::size_t way = rest.below(3);
    if (way == 0) object.resize(rest.below(65'536) % object.size());
    if (way == 1) object.resize(object.size() + 1 + rest.below(20), 0);
    if (way == 2) object = bad_cbor(object, rest);
  });
}

void another_object_order(Scene& scene, Choices& choices) {
  edit_object(scene, [by = choices.below(3), more = choices.flip()](Entries& entries) {
    std::rotate(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(by % entries.size()), entries.end());
    if (more) entries.emplace_back(cbor::text("epAtt"), Bytes{0xf5});
  });
}

// A flag that means nothing, in the object alone: all statements but two sign it.
void data_changed_after_signing(Scene& scene, Choices&) {
  if (!none(scene) && !u2f(scene)) scene.refuse(section(scene), "");
  edit_object(scene, [](Entries& entries) {
    const auto found = find(entries, "authData");
    if (found == entries.end() || found->second.size() < 40) return;
    const std::size_t head = found->second[0] == 0x58 ? 2 : 3;
    found->second[head + 32] ^= 0x20;
  });
}

void subject(Scene& scene, Choices& choices) {
  auto& profile = scene.registration.certificate;
  if (packed(scene)) scene.refuse("8.2.1", "");
  switch (choices.below(4)) {
    case 0:
      return profile.country.clear();
    case 1:
      return profile.organization.clear();
    case 2:
      profile.unit = choices.of({"", "Authenticator attestation", "Authenticator Attestation ", "x"});
      return;
    default:
      return profile.common_name.clear();
  }
}

void rest_of_profile(Scene& scene, Choices& choices) {
  auto& profile = scene.registration.certificate;
  if (packed(scene)) scene.refuse("8.2.1", "");
  switch (choices.below(4)) {
    case 0:
      profile.version = choices.flip() ? 1 : 2;
      return;
    case 1:
      profile.basic_constraints = choices.of({"", "CA:TRUE", "critical,CA:TRUE,pathlen:0"});
      return;
    case 2:
      profile.aaguid_critical = true;
      profile.aaguid = scene.registration.aaguid;
      return;
    default:
      profile.aaguid = Bytes(choices.flip() ? 16 : 15, 0xee);
  }
}

const Change changes[] = {
    {"another order of the object, and more in it", Part::object, accepted, unfit, another_object_order},
    {"a member of the object is missing", Part::object, "13", unfit, missing_object_member},
    {"a member of the object is of another kind", Part::object, "13", unfit, wrong_object_member},
    {"an object in bad CBOR", Part::object, "13", unfit, bad_object_encoding},
    {"an object that is cut, or has bytes after it", Part::object, "13", unfit, bad_object_bytes},
    {"data changed after signing", Part::after_signing, judged, unfit, data_changed_after_signing},
    {"another format", Part::statement, judged, unfit, another_format},
    {"a statement that is no map", Part::statement, "22", unfit, no_map, one_map},
    {"another order of the statement", Part::statement, accepted, unfit,
     [](Scene& scene, Choices&) { edit_statement(scene, [](Entries& entries) { std::ranges::reverse(entries); }); },
     one_map},
    {"more members of the statement", Part::statement, judged, unfit, more_statement_members, one_map},
    {"a member of the statement is missing", Part::statement, judged, unfit, missing_statement_member, with_members},
    {"a member of the statement is of another kind", Part::statement, judged, unfit, wrong_statement_member,
     with_signature},
    {"certificates that are none", Part::statement, judged, unfit, wrong_x5c, one_map},
    {"a statement in bad CBOR", Part::statement, "13", unfit, bad_statement_encoding, with_members},
    {"another subject", Part::certificate, judged, unfit, subject, with_certificate},
    {"a certificate for something else", Part::certificate, judged, unfit, rest_of_profile, with_certificate},
    {"the issuer's certificate too", Part::certificate, accepted, unfit,
     [](Scene& scene, Choices&) { scene.registration.send_issuer = true; }, packed_with_certificate},
    {"the issuer's certificate too, with U2F", Part::certificate, "8.6", unfit,
     [](Scene& scene, Choices&) { scene.registration.send_issuer = true; }, u2f},
    {"an attestation key of another kind", Part::certificate, accepted, unfit,
     [](Scene& scene, Choices& choices) {
       static constexpr int kinds[] = {tests::es384, tests::es512, tests::rs256, tests::eddsa};
       scene.registration.attestation_key = other_key_of(choices.of(kinds));
     },
     packed_with_certificate},
    {"an attestation key that U2F does not have", Part::certificate, "8.6", unfit,
     [](Scene& scene, Choices& choices) {
       scene.registration.attestation_key = other_key_of(choices.flip() ? tests::es384 : tests::rs256);
     },
     u2f},
    {"a certificate of another key", Part::certificate, judged, unfit,
     [](Scene& scene, Choices&) {
       scene.refuse(section(scene), "");
       tests::CertificateProfile profile;
       scene.registration.x5c_first = make_certificate(profile, other_key_of(tests::es256), key_of(tests::es256));
     },
     with_certificate},
};

}  // namespace

std::span<const Change> statement_changes() { return changes; }

}  // namespace factord::fuzz

// SPDX-License-Identifier: Apache-2.0
// Changes of the authenticator data and of what it is compared with: steps 13 to 17 and 25 of section 7.1, 7 and 15 to
// 22 of section 7.2. Everything is signed anew.
#include "tests/fuzz/ceremony/change.hpp"
#include "tests/fuzz/ceremony/spellings.hpp"

namespace factord::fuzz {
namespace {

namespace cbor = tests::cbor;
using core::Bytes;
using enum webauthn::UserVerification;

constexpr std::size_t flags_at = 32, least = 37, id_size_at = 53;
constexpr std::uint8_t attested = 0x40, extended = 0x80;

// What another change has cut short already, stays as it is.
void edit_data(Scene& scene, std::function<void(Bytes&)> edit) {
  then(scene.made().edit_authenticator_data, [edit](Bytes& data) {
    if (data.size() >= least) edit(data);
  });
}

void toggle_flag(Scene& scene, std::uint8_t flag) {
  edit_data(scene, [flag](Bytes& data) { data[flags_at] ^= flag; });
}

void wrong_rp_id(Scene& scene, Choices& choices) {
  if (choices.flip()) {
    edit_data(scene, [bit = choices.below(256)](Bytes& data) { data[bit / 8] ^= std::uint8_t(1 << bit % 8); });
  } else {
    scene.made().rp_id =
        choices.of({"evil.example", "sub.example.org", "org", "https://example.org", "EXAMPLE.ORG", ""});
  }
}

// Steps 15 to 17 of 7.1, 16 to 19 of 7.2.
void flags_and_policy(Scene& scene, Choices& choices) {
  const bool present = choices.flip(), verified = choices.flip(), eligible = choices.flip(), backed_up = choices.flip();
  const bool conditional = choices.flip(), was_eligible = choices.flip();
  static constexpr webauthn::UserVerification policies[] = {required, preferred, discouraged};
  const auto policy = choices.of(policies);
  scene.made().flags = {present, verified, eligible, backed_up};
  scene.registration_expected.user_verification = scene.assertion_expected.user_verification = policy;
  scene.registration_expected.conditional_create = conditional;
  scene.record.backup_eligible = was_eligible;
  if (!present && !(scene.registering && conditional)) scene.refuse("15", "16");
  if (!verified && policy == required) scene.refuse("16", "17");
  if (backed_up && !eligible) scene.refuse("17", "18");
  if (!scene.registering && eligible != was_eligible) scene.refuse("", "19");
}

// Unsigned, 32 bits; two zeros tell that the authenticator does not count.
void counters(Scene& scene, Choices& choices) {
  static constexpr std::uint32_t values[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
  const std::uint32_t kept = choices.of(values), given = choices.of(values);
  scene.record.sign_count = kept;
  scene.made().sign_count = given;
  if (!scene.registering && (kept != 0 || given != 0) && given <= kept) scene.refuse("", "22");
}

void id_sizes(Scene& scene, Choices& choices) {
  static constexpr std::size_t sizes[] = {0, 1, 15, 255, 256, 1022, 1023, 1024, 1025, 4000};
  const std::size_t size = choices.of(sizes);
  scene.made().credential_id = scene.record.credential_id = Bytes(size, 0x5a);
  if (size == 0) scene.refuse("3", "3");
  if (size > 1023) scene.refuse("25", "");
}

// What the two bytes say is not how long the id is.
void wrong_id_size(Scene& scene, Choices& choices) {
  edit_data(scene, [way = choices.below(4)](Bytes& data) {
    if (data.size() < id_size_at + 2) return;
    std::uint8_t& high = data[id_size_at];
    std::uint8_t& low = data[id_size_at + 1];
    if (way == 0) low = static_cast<std::uint8_t>(low + 1);
    if (way == 1) low = static_cast<std::uint8_t>(low - 1);
    if (way == 2) high = 0xff;
    if (way == 3) high = low = 0xff;
  });
}

Bytes outputs() {
  return cbor::map({{cbor::text("credProtect"), cbor::integer(2)},
                    {cbor::text("hmac-secret"), Bytes{0xf5}},
                    {cbor::text("x"), cbor::map({{cbor::integer(-1), cbor::array({cbor::bytes({})})}})}});
}

Bytes bad_outputs(Choices& choices) {
  const Bytes good = outputs();
  Bytes cut = good, deep(20, 0x81);
  cut.pop_back();
  deep.push_back(0);
  const Bytes wrong[] = {cbor::array({}),
                         cbor::integer(0),
                         cbor::text("x"),
                         cbor::bytes({}),
                         Bytes{0xf6},
                         Bytes{0xff},
                         cut,
                         cbor::map({{cbor::text("x"), deep}}),
                         cbor::map({{cbor::text("x"), Bytes{0xf5}}, {cbor::text("x"), Bytes{0xf5}}}),
                         cbor::map({{Bytes{0x61, 0xff}, Bytes{0xf5}}}),
                         Bytes{0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
                         Bytes{0xa1, 0x00, 0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  return choices.flip() ? bad_cbor(good, choices) : choices.of(wrong);
}

// Attested data where nobody wants it, as some authenticators send it.
void attested_in_an_assertion(Scene& scene, Choices&) {
  edit_data(scene, [](Bytes& data) {
    data[flags_at] |= attested;
    const Bytes more = cbor::map({{cbor::integer(1), cbor::integer(2)}});
    Bytes credential(18, 0);
    cbor::append(credential, more);
    data.insert(data.begin() + 37, credential.begin(), credential.end());
  });
}

const Change changes[] = {
    {"another RP ID", Part::scope, "14", "15", wrong_rp_id},
    {"flags and policy", Part::flags, judged, judged, flags_and_policy},
    {"reserved flags", Part::reserved_flags, accepted, accepted,
     [](Scene& scene, Choices& choices) { toggle_flag(scene, choices.flip() ? 0x02 : 0x20); }},
    {"counters", Part::counter, judged, judged, counters},
    {"an AAGUID", Part::aaguid, accepted, unfit,
     [](Scene& scene, Choices& choices) { scene.registration.aaguid.assign(16, std::uint8_t(choices.below(256))); }},
    {"lengths of the credential id", Part::id, judged, judged, id_sizes},
    {"another credential id inside", Part::id, "13", unfit,
     [](Scene& scene, Choices&) {
       edit_data(scene, [](Bytes& data) {
         if (data.size() > id_size_at + 2) data[id_size_at + 2] ^= 1;
       });
     }},
    {"a wrong length of the credential id", Part::extent, "13", unfit, wrong_id_size},
    {"bytes after the end", Part::extent, "13", "7",
     [](Scene& scene, Choices& choices) {
       edit_data(scene, [more = Bytes(1 + choices.below(40), std::uint8_t(choices.below(256)))](Bytes& data) {
         cbor::append(data, more);
       });
     }},
    {"bytes missing at the end", Part::extent, "13", "7",
     [](Scene& scene, Choices& choices) {
       edit_data(scene, [choice = choices.below(65'536)](Bytes& data) { data.resize(choice % data.size()); });
     }},
    {"extension outputs", Part::extent, accepted, accepted,
     [](Scene& scene, Choices& choices) { scene.made().extensions = choices.flip() ? outputs() : cbor::map({}); }},
    {"extension outputs that are no map", Part::extent, "13", "7",
     [](Scene& scene, Choices& choices) { scene.made().extensions = bad_outputs(choices); }},
    {"extension outputs twice", Part::extent, "13", "7",
     [](Scene& scene, Choices&) { cbor::append(scene.made().extensions = outputs(), outputs()); }},
    {"extension outputs that no flag tells of", Part::extent, "13", "7",
     [](Scene& scene, Choices&) {
       scene.made().extensions = outputs();
       toggle_flag(scene, extended);
     }},
    {"a flag of extension outputs without any", Part::extent, "13", "7",
     [](Scene& scene, Choices&) { toggle_flag(scene, extended); }},
    {"attested data that no flag tells of", Part::extent, "13", unfit,
     [](Scene& scene, Choices&) { toggle_flag(scene, attested); }},
    {"no attested data", Part::extent, "13", unfit,
     [](Scene& scene, Choices&) {
       toggle_flag(scene, attested);
       edit_data(scene, [](Bytes& data) { data.resize(37); });
     }},
    {"a flag of attested data without any", Part::extent, unfit, "7",
     [](Scene& scene, Choices&) { toggle_flag(scene, attested); }},
    {"attested data in an assertion", Part::extent, unfit, accepted, attested_in_an_assertion},
};

}  // namespace

std::span<const Change> authenticator_data_changes() { return changes; }

}  // namespace factord::fuzz

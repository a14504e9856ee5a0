// SPDX-License-Identifier: Apache-2.0
// Section 8.4.
#include "daemon/webauthn/android_key_description.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/webauthn/statements.hpp"

using namespace factord;
using namespace factord::tests;

namespace {

std::string register_described(std::function<void(SoftKeyDescription&)> edit) {
  Registration registration = with(Format::android_key);
  registration.platform.description = std::move(edit);
  return register_with(registration);
}

// A field of an AuthorizationList, with another tag or content than its own.
core::Bytes field(const core::Bytes& head, const core::Bytes& content) { return der::element(head, content); }

}  // namespace

TEST_CASE("android-key is accepted with every algorithm") {
  Registration registration = with(Format::android_key);
  registration.send_issuer = true;
  CHECK(register_with(registration, GENERATE(es256, es384, es512, rs256, ps256, eddsa)) == "ok");
}

TEST_CASE("android-key: members are there, of their type, and no others") {
  Registration registration = with(Format::android_key);
  SECTION("missing") {
    const char* name = GENERATE("alg", "sig", "x5c");
    registration.edit_statement = dropping(name);
  }
  SECTION("of another type") {
    const char* name = GENERATE("alg", "sig", "x5c");
    registration.edit_statement = setting(name, cbor::text("ES256"));
  }
  SECTION("x5c is empty") { registration.edit_statement = setting("x5c", cbor::array({})); }
  SECTION("one more") { registration.edit_statement = adding("ver", cbor::text("3")); }
  CHECK(register_with(registration) == "8.4");
}

TEST_CASE("android-key: the signature is made with the certificate's key, which is the credential's") {
  Registration registration = with(Format::android_key);
  SECTION("a flipped bit") { registration.edit_attestation_signature = flip; }
  SECTION("an alg of another kind of key") { registration.edit_statement = setting("alg", cbor::integer(rs256)); }
  SECTION("another key") { registration.attestation_key = SoftKey::generate(es256); }
  SECTION("a key of another kind") { registration.attestation_key = key_of(rs256); }
  CHECK(register_with(registration) == "8.4");
}

TEST_CASE("android-key: the certificate of another key of the same kind is refused") {
  const int algorithm = GENERATE(es256, eddsa, rs256);
  Registration registration = with(Format::android_key);
  registration.attestation_key = SoftKey::generate(algorithm);
  CHECK(register_with(registration, algorithm) == "8.4");
}

TEST_CASE("android-key: the certificate describes the key") {
  Registration registration = with(Format::android_key);
  SECTION("not at all") { registration.format = Format::packed_x5c; }
  SECTION("twice") {
    registration.certificate.extensions.push_back({"1.3.6.1.4.1.11129.2.1.17", der::sequence({}), false});
  }
  SECTION("in a certificate of version 1") { registration.certificate.version = 1; }
  if (registration.format == Format::packed_x5c) {
    registration.attestation_key = key_of(es256);
    registration.edit_attestation_object = [](cbor::Entries& entries) {
      entries[0].second = cbor::text("android-key");
    };
  }
  CHECK(register_with(registration) == "8.4");
}

TEST_CASE("android-key: software may vouch, or both") {
  CHECK(register_described([](auto& made) { made.hardware.swap(made.software); }) == "ok");
  CHECK(register_described([](auto& made) { made.software = made.hardware; }) == "ok");
  CHECK(register_described([](auto& made) {
          made.software = {origin(0)};
          made.hardware = {purposes({2})};
        }) == "ok");
}

TEST_CASE("android-key: a key that signs may do more") {
  CHECK(register_described([](auto& made) { made.hardware[0] = purposes({2, 3}); }) == "ok");
  CHECK(register_described([](auto& made) { made.hardware[0] = purposes({3, 2}); }) == "ok");
  CHECK(register_described([](auto& made) {
          made.software.push_back(purposes({2}));
          made.hardware[0] = purposes({3});
        }) == "ok");
}

TEST_CASE("android-key: each rule about the key is kept") {
  CHECK(register_described([](auto& made) { made.challenge = der::octets(core::Bytes(32, 1)); }) == "8.4");
  CHECK(register_described([](auto& made) { made.challenge = der::octets({}); }) == "8.4");
  CHECK(register_described([](auto& made) { made.hardware[0] = purposes({3}); }) == "8.4");
  CHECK(register_described([](auto& made) { made.hardware[0] = purposes({}); }) == "8.4");
  CHECK(register_described([](auto& made) { made.hardware.erase(made.hardware.begin()); }) == "8.4");
  CHECK(register_described([](auto& made) { made.hardware.back() = origin(2); }) == "8.4");
  CHECK(register_described([](auto& made) { made.hardware.pop_back(); }) == "8.4");
  CHECK(register_described([](auto& made) { made.software.push_back(origin(2)); }) == "8.4");
  CHECK(register_described([](auto& made) { made.software.push_back(all_applications()); }) == "8.4");
  CHECK(register_described([](auto& made) { made.hardware.push_back(all_applications()); }) == "8.4");
}

TEST_CASE("android-key: a description that is not well-formed is refused") {
  CHECK(register_described([](auto& made) { made.challenge[0] = 0x0c; }) == "8.4");           // a text
  CHECK(register_described([](auto& made) { made.unique_id.clear(); }) == "8.4");             // seven members
  CHECK(register_described([](auto& made) { made.last = der::null(); }) == "8.4");            // nine
  CHECK(register_described([](auto& made) { made.software = {{0x02}}; }) == "8.4");           // a field without length
  CHECK(register_described([](auto& made) { made.software = {der::integer(1)}; }) == "8.4");  // without tag
  CHECK(register_described([](auto& made) { made.software = {field({0x9f, 0x84, 0x58}, {})}; }) == "8.4");  // primitive
  CHECK(register_described([](auto& made) { made.software = {field({0xe1}, der::set({}))}; }) == "8.4");    // private
}

TEST_CASE("android-key: a description has no indefinite lengths, and no longer heads than needed") {
  const auto with_software = [](core::Bytes software) {
    const std::vector<core::Bytes> members{der::integer(3), der::enumerated(1), der::integer(4),     der::enumerated(1),
                                           der::octets({}), der::octets({}),    std::move(software), der::sequence({})};
    return webauthn::read_android_key_description(der::sequence(members)).has_value();
  };
  CHECK(with_software({0x30, 0x00}));
  CHECK_FALSE(with_software({0x30, 0x80}));
  CHECK_FALSE(with_software({0x30, 0x81, 0x00}));
  CHECK_FALSE(with_software({0x3f, 0x10, 0x00}));
}

TEST_CASE("android-key: both lists of a description are sequences") {
  for (const std::size_t list : {6u, 7u}) {
    std::vector<core::Bytes> members{
        der::integer(3), der::enumerated(1), der::integer(4),  der::enumerated(1), der::octets(core::Bytes{1}),
        der::octets({}), der::sequence({}),  der::sequence({})};
    CHECK(webauthn::read_android_key_description(der::sequence(members)));
    members[list] = der::set({});
    CHECK_FALSE(webauthn::read_android_key_description(der::sequence(members)));
  }
}

TEST_CASE("android-key: purpose and origin are what their tags say") {
  const auto purpose = [](const core::Bytes& content) {
    return register_described([&](auto& made) { made.software.push_back(der::field(1, content)); });
  };
  const auto origin_of = [](const core::Bytes& content) {
    return register_described([&](auto& made) { made.software.push_back(der::field(702, content)); });
  };
  CHECK(purpose(der::set({der::integer(2)})) == "ok");
  CHECK(register_described([](auto& made) {
          made.software.push_back(field({0x81}, der::set({der::integer(2)})));  // a string of bytes, not a set
        }) == "8.4");
  CHECK(purpose(der::sequence({der::integer(2)})) == "8.4");
  CHECK(purpose(der::set({der::enumerated(2)})) == "8.4");
  CHECK(purpose(der::set({{0x02}})) == "8.4");
  CHECK(purpose(der::joined({der::set({}), der::null()})) == "8.4");
  CHECK(purpose({}) == "8.4");
  CHECK(origin_of(der::integer(0)) == "ok");
  CHECK(origin_of(der::enumerated(0)) == "8.4");
  CHECK(origin_of(der::joined({der::integer(0), der::null()})) == "8.4");
  CHECK(origin_of({0x02, 0x02, 0x00, 0x00}) == "8.4");
  CHECK(origin_of({}) == "8.4");
}

TEST_CASE("a key description is one SEQUENCE in DER") {
  SoftKeyDescription soft;
  soft.challenge = der::octets(core::Bytes(32, 7));
  soft.hardware = {purposes({2}), origin(0)};
  const core::Bytes good = soft.encoded();
  REQUIRE(webauthn::read_android_key_description(good));
  const core::Bytes content(good.begin() + 2, good.end());
  const auto reads = [](const core::Bytes& der) { return webauthn::read_android_key_description(der).has_value(); };
  CHECK(reads(der::element({0x30}, content)));
  CHECK_FALSE(reads(der::element({0x10}, content)));                                       // primitive
  CHECK_FALSE(reads(der::element({0x31}, content)));                                       // a SET
  CHECK_FALSE(reads(der::element({0xb0}, content)));                                       // of another class
  CHECK_FALSE(reads(der::joined({{0x30, 0x81, std::uint8_t(content.size())}, content})));  // a length too long
  CHECK_FALSE(reads(der::joined({{0x3f, 0x10, std::uint8_t(content.size())}, content})));  // a tag too long
  CHECK_FALSE(reads(der::joined({{0x30, 0x80}, content, {0x00, 0x00}})));                  // indefinite
  CHECK_FALSE(reads(der::joined({good, {0x00}})));
  CHECK_FALSE(reads(core::Bytes(good.begin(), good.end() - 1)));
  CHECK_FALSE(reads({}));
}
